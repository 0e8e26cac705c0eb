package dev.tocsin.alert.derive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The walk against the parser: what the one understands the other does, in the same way. */
class OtlpFactsTest {
  private static final int ROUNDS = 30_000;

  private static final class Facts implements OtlpFacts.Sink {
    private final List<ResourceIdentity> resources = new ArrayList<>();
    private final List<SpanFact> spans = new ArrayList<>();

    @Override
    public void resource(ResourceIdentity resource) {
      resources.add(resource);
    }

    @Override
    public void span(SpanFact span) {
      spans.add(span);
    }
  }

  private static Facts walked(byte[] request) throws InvalidProtocolBufferException {
    Facts facts = new Facts();
    OtlpFacts.ofTraces(request, facts);
    return facts;
  }

  private static Facts parsed(byte[] request) throws InvalidProtocolBufferException {
    Facts facts = new Facts();
    for (ResourceSpans entry :
        ExportTraceServiceRequest.parseFrom(request).getResourceSpansList()) {
      ResourceIdentity identity = ResourceIdentity.of(entry.getResource());
      facts.resource(identity);
      for (ScopeSpans scope : entry.getScopeSpansList()) {
        for (Span span : scope.getSpansList()) {
          int kind = span.getKind().equals(Span.SpanKind.UNRECOGNIZED) ? 0 : span.getKindValue();
          Status status = span.getStatus();
          int code =
              status.getCode().equals(Status.StatusCode.UNRECOGNIZED) ? 0 : status.getCodeValue();
          facts.span(
              new SpanFact(
                  identity.service(),
                  BoundedName.of(span.getName()),
                  kind,
                  code,
                  OtlpFacts.seconds(span.getStartTimeUnixNano(), span.getEndTimeUnixNano())));
        }
      }
    }
    return facts;
  }

  @Test
  void everyRequestTheParserTakes_isTaken_withTheSameFacts() {
    Random random = new Random(4711);
    int taken = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] request = request(random).toByteArray();
      for (int damages = random.nextInt(3); damages > 0; damages--) {
        request = damaged(request, random);
      }
      Facts expected;
      try {
        expected = parsed(request);
      } catch (InvalidProtocolBufferException e) {
        continue;
      }
      taken++;
      Facts facts;
      try {
        facts = walked(request);
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError("round " + round + ": refused, but the parser takes it", e);
      }
      assertThat(facts.resources).as("round %d", round).isEqualTo(expected.resources);
      assertThat(facts.spans).as("round %d", round).isEqualTo(expected.spans);
    }
    assertThat(taken).isGreaterThan(ROUNDS / 3);
  }

  private static ExportTraceServiceRequest request(Random random) {
    ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
    for (int entries = random.nextInt(3); entries > 0; entries--) {
      ResourceSpans.Builder entry = ResourceSpans.newBuilder();
      if (random.nextInt(4) > 0) {
        entry.setResource(
            Resource.newBuilder()
                .addAttributes(attribute("service.name", name(random)))
                .addAttributes(attribute("service.instance.id", name(random))));
      }
      for (int scopes = random.nextInt(3); scopes > 0; scopes--) {
        ScopeSpans.Builder scope = ScopeSpans.newBuilder();
        for (int spans = random.nextInt(4); spans > 0; spans--) {
          scope.addSpans(span(random));
        }
        entry.addScopeSpans(scope);
      }
      request.addResourceSpans(entry);
    }
    return request.build();
  }

  private static Span span(Random random) {
    Span.Builder span =
        Span.newBuilder()
            .setName(name(random))
            .setKindValue(random.nextInt(9) - 1)
            .setStartTimeUnixNano(random.nextBoolean() ? random.nextLong() : 1_000)
            .setEndTimeUnixNano(random.nextBoolean() ? random.nextLong() : 2_000)
            .addAttributes(attribute("a", "b"));
    if (random.nextBoolean()) {
      span.setStatus(Status.newBuilder().setMessage("m").setCodeValue(random.nextInt(5) - 1));
    }
    if (random.nextInt(4) == 0) {
      span.setUnknownFields(unknown(random));
    }
    return span.build();
  }

  /** Fields of ours with the wire type of others, and groups. */
  private static UnknownFieldSet unknown(Random random) {
    UnknownFieldSet.Field field =
        switch (random.nextInt(4)) {
          case 0 -> UnknownFieldSet.Field.newBuilder().addVarint(random.nextLong()).build();
          case 1 -> UnknownFieldSet.Field.newBuilder().addFixed32(random.nextInt()).build();
          case 2 -> UnknownFieldSet.Field.newBuilder().addFixed64(random.nextLong()).build();
          default ->
              UnknownFieldSet.Field.newBuilder()
                  .addGroup(
                      UnknownFieldSet.newBuilder()
                          .addField(3, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                          .build())
                  .build();
        };
    return UnknownFieldSet.newBuilder().addField(5 + random.nextInt(12), field).build();
  }

  private static String name(Random random) {
    return random.nextInt(20) == 0 ? "n".repeat(random.nextInt(400)) : "n" + random.nextInt(9);
  }

  private static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static byte[] damaged(byte[] request, Random random) {
    if (request.length == 0) {
      return request;
    }
    byte[] damaged = request.clone();
    int at = random.nextInt(damaged.length);
    damaged[at] =
        (byte) (random.nextBoolean() ? random.nextInt() : damaged[at] ^ 1 << random.nextInt(8));
    return damaged;
  }

  @Test
  void fieldsOfAnotherWireType_areUnknownOnes() throws Exception {
    Span odd =
        Span.newBuilder()
            .setName("GET /x")
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(5, UnknownFieldSet.Field.newBuilder().addVarint(77).build())
                    .addField(7, UnknownFieldSet.Field.newBuilder().addVarint(77).build())
                    .addField(15, UnknownFieldSet.Field.newBuilder().addVarint(77).build())
                    .build())
            .build();
    byte[] request =
        ExportTraceServiceRequest.newBuilder()
            .addResourceSpans(
                ResourceSpans.newBuilder().addScopeSpans(ScopeSpans.newBuilder().addSpans(odd)))
            .build()
            .toByteArray();
    assertThat(walked(request).spans).extracting(SpanFact::name).containsExactly("GET /x");
  }

  @Test
  void longNames_areCut_eachWhereItComesIn() throws Exception {
    String endless = "s".repeat(6_000_000);
    byte[] request =
        ExportTraceServiceRequest.newBuilder()
            .addResourceSpans(
                ResourceSpans.newBuilder()
                    .setResource(
                        Resource.newBuilder()
                            .addAttributes(attribute("service.name", endless))
                            .addAttributes(attribute("service.namespace", "eu"))
                            .addAttributes(attribute("service.instance.id", endless)))
                    .addScopeSpans(
                        ScopeSpans.newBuilder().addSpans(Span.newBuilder().setName(endless))))
            .build()
            .toByteArray();
    Facts facts = walked(request);
    String cut = BoundedName.of(endless);
    assertThat(facts.resources)
        .containsExactly(new ResourceIdentity(cut, BoundedName.of("eu/" + endless), cut, true));
    assertThat(facts.spans).containsExactly(new SpanFact(cut, cut, 0, 0, 0));
  }

  @Test
  void duration_isThatOfUnsignedTimes_andNoneWhenTheyCannotBe() {
    assertThat(OtlpFacts.seconds(1_000_000_000, 3_500_000_000L)).isEqualTo(2.5);
    assertThat(OtlpFacts.seconds(5, 4)).isZero();
    assertThat(OtlpFacts.seconds(5, 5)).isZero();
    assertThat(OtlpFacts.seconds(0, 1_700_000_000_000_000_000L)).isZero();
    assertThat(OtlpFacts.seconds(5, 0)).isZero();
    assertThat(OtlpFacts.seconds(1, Long.MIN_VALUE)).isCloseTo(9.223e9, within(1e7));
    assertThat(OtlpFacts.seconds(1, -1)).isCloseTo(1.845e10, within(1e7));
    assertThat(OtlpFacts.seconds(-1, 1)).isZero();
    assertThat(OtlpFacts.seconds(Long.MAX_VALUE, Long.MIN_VALUE)).isEqualTo(1e-9);
  }
}
