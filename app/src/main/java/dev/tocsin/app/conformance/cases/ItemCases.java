package dev.tocsin.app.conformance.cases;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.tocsin.app.conformance.check.CaseList;
import dev.tocsin.app.conformance.check.CaseOutcome;
import dev.tocsin.app.conformance.check.Check;
import dev.tocsin.app.conformance.check.ConformanceCase;
import dev.tocsin.app.conformance.check.Exchange;
import dev.tocsin.app.conformance.check.Samples;
import dev.tocsin.app.conformance.check.Session;
import dev.tocsin.app.conformance.check.SignalLane;
import dev.tocsin.app.conformance.check.Telemetry;
import dev.tocsin.app.conformance.probe.Answer;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.EntityRef;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.List;
import java.util.Optional;

/** Single spans, points and records: which are good, and what becomes of those that are not. */
final class ItemCases {
  private static final List<SignalLane> TRACES = SignalLane.each(Telemetry.TRACES);
  private static final List<SignalLane> METRICS = SignalLane.each(Telemetry.METRICS);
  private static final List<SignalLane> LOGS = SignalLane.each(Telemetry.LOGS);

  private ItemCases() {}

  /** Makes a request. */
  private interface Content {
    Message of(Samples samples);
  }

  static List<ConformanceCase> cases() {
    CaseList cases = new CaseList();
    partialSuccess(cases);
    attributes(cases);
    spans(cases);
    logs(cases);
    metrics(cases);
    return cases.toList();
  }

  private static void partialSuccess(CaseList cases) {
    cases
        .on(TRACES, Spec.PARTIAL)
        .must(
            "O-6",
            "rejected-count",
            "counts what it rejects: one of a valid span and one without ids",
            ItemCases::countsRejected)
        .should(
            "O-6",
            "error-message",
            "says in error_message why it rejected",
            ItemCases::explainsRejected);
  }

  private static void attributes(CaseList cases) {
    cases
        .on(SignalLane.stable(), Spec.COMMON)
        .should(
            "O-34",
            "attribute-kinds",
            "takes attributes of every kind: empty, bytes, mixed arrays, maps",
            (session, lane) ->
                accept(
                    session,
                    lane,
                    s -> s.withAttributes(lane.signal(), Variants.attributesOfEveryKind()),
                    "attributes of every kind"))
        .should(
            "O-43",
            "strindex",
            "takes references to a string table outside profiles for absent",
            (session, lane) ->
                accept(
                    session,
                    lane,
                    s -> s.withAttributes(lane.signal(), List.of(reference())),
                    "an attribute with *_strindex"))
        .on(TRACES, Spec.VERSIONS)
        .must(
            "O-44",
            "entity-refs",
            "takes a resource with references to entities",
            accepts(ItemCases::withEntityRef, "a resource with an entity"));
  }

  private static void spans(CaseList cases) {
    cases
        .on(TRACES, Spec.TRACE)
        .expected(
            "O-36",
            "zero-trace-id",
            "rejects a span whose trace id is all zero",
            rejects(s -> span(s).setTraceId(zero(16))))
        .expected(
            "O-36",
            "short-trace-id",
            "rejects a span whose trace id has 15 bytes",
            rejects(s -> span(s).setTraceId(s.id(15))))
        .expected(
            "O-36",
            "no-trace-id",
            "rejects a span without a trace id",
            rejects(s -> span(s).clearTraceId()))
        .expected(
            "O-36",
            "zero-span-id",
            "rejects a span whose id is all zero",
            rejects(s -> span(s).setSpanId(zero(8))))
        .expected(
            "O-36",
            "long-span-id",
            "rejects a span whose id has 9 bytes",
            rejects(s -> span(s).setSpanId(s.id(9))))
        .expected(
            "O-36",
            "empty-name",
            "takes a span without a name",
            accepts(s -> s.traces(span(s).clearName().build()), "a span without a name"))
        .must(
            "O-36",
            "flags",
            "takes a span with flags it does not know",
            accepts(
                s -> s.traces(span(s).setFlags(0xfffff301).build()),
                "a span with all upper flags"));
  }

  private static void logs(CaseList cases) {
    cases
        .on(LOGS, Spec.LOGS)
        .should(
            "O-37",
            "invalid-ids",
            "keeps a log record whose ids are invalid",
            accepts(
                s -> s.logs(s.log().setTraceId(s.id(3)).setSpanId(zero(8)).build()),
                "a record with invalid ids"))
        .should(
            "O-37",
            "no-time",
            "keeps a log record with an observed time only",
            accepts(s -> s.logs(s.log().clearTimeUnixNano().build()), "a record without time"))
        .should(
            "O-37",
            "no-times",
            "keeps a log record without any time",
            accepts(
                s -> s.logs(s.log().clearTimeUnixNano().clearObservedTimeUnixNano().build()),
                "a record without any time"))
        .should(
            "O-37",
            "event-name",
            "takes an event",
            accepts(s -> s.logs(s.log().setEventName("device.app.lifecycle").build()), "an event"))
        .should(
            "O-37",
            "structured-body",
            "takes a body of any kind",
            accepts(ItemCases::withMixedBody, "a record with a map for a body"));
  }

  private static void metrics(CaseList cases) {
    cases.on(METRICS, Spec.METRICS);
    MetricSamples.VALID.forEach(
        (name, metric) ->
            cases.should(
                "O-38",
                name,
                "takes " + metric.what(),
                accepts(s -> s.metrics(metric.make().apply(s)), metric.what())));
    MetricSamples.INVALID.forEach(
        (name, metric) ->
            cases.should(metric.item(), name, "rejects " + metric.what(), rejectsPoint(metric)));
    cases
        .should(
            "O-40",
            "no-recorded-value",
            "takes points without a value, flagged so",
            accepts(
                s -> s.metrics(s.metric(s.point().setFlags(1).clearValue())), "a staleness marker"))
        .should(
            "O-40",
            "exemplars",
            "takes points with exemplars",
            accepts(s -> s.metrics(MetricSamples.withExemplar(s)), "a point with an exemplar"));
  }

  private static Span.Builder span(Samples samples) {
    return samples.span();
  }

  private static ByteString zero(int length) {
    return ByteString.copyFrom(new byte[length]);
  }

  private static KeyValue reference() {
    return KeyValue.newBuilder()
        .setKey("referring")
        .setKeyStrindex(3)
        .setValue(AnyValue.newBuilder().setStringValueStrindex(4))
        .build();
  }

  private static Message withEntityRef(Samples samples) {
    var request = samples.traces(samples.span().build()).toBuilder();
    request
        .getResourceSpansBuilder(0)
        .getResourceBuilder()
        .addEntityRefs(EntityRef.newBuilder().setType("service").addIdKeys("service.name"));
    return request.build();
  }

  private static Message withMixedBody(Samples samples) {
    AnyValue map =
        AnyValue.newBuilder()
            .setKvlistValue(
                io.opentelemetry.proto.common.v1.KeyValueList.newBuilder()
                    .addAllValues(Variants.attributesOfEveryKind()))
            .build();
    return samples.logs(samples.log().setBody(map).build(), samples.log().clearBody().build());
  }

  private static CaseOutcome accept(
      Session session, SignalLane lane, Content content, String what) {
    Samples samples = session.samples();
    return session
        .export(lane, samples.encode(lane, content.of(samples), what))
        .expectAllAccepted();
  }

  private static Check accepts(Content content, String what) {
    return (session, lane) -> accept(session, lane, content, what);
  }

  private interface BadSpan {
    Span.Builder of(Samples samples);
  }

  private static Check rejects(BadSpan bad) {
    return (session, lane) ->
        judgeOneBad(
            send(
                session,
                lane,
                s -> s.traces(s.span().build(), bad.of(s).build()),
                "a valid span and one that is not"));
  }

  private static Check rejectsPoint(MetricSamples.Invalid metric) {
    return (session, lane) ->
        judgeOneBad(
            send(
                session,
                lane,
                s -> {
                  Metric good = s.metric(s.point());
                  return s.metrics(good, metric.make().apply(s));
                },
                "a valid point, and " + metric.what()));
  }

  private static Exchange send(Session session, SignalLane lane, Content content, String what) {
    Samples samples = session.samples();
    return session.export(lane, samples.encode(lane, content.of(samples), what));
  }

  private static CaseOutcome judgeOneBad(Exchange exchange) {
    return exchange
        .expectNoFault()
        .and(
            () ->
                exchange.expect(
                    "1 rejected in partial_success and the rest kept, or all refused as bad data",
                    a -> !exchange.succeeded(a) || exchange.response(a).rejected() == 1));
  }

  private static Exchange oneOfTwo(Session session, SignalLane lane) {
    return send(
        session,
        lane,
        s -> s.traces(s.span().build(), s.span().clearTraceId().clearSpanId().build()),
        "a valid span and one without ids");
  }

  /** Empty when the receiver took the request in part, else why the question does not arise. */
  private static Optional<CaseOutcome> notPartial(Exchange exchange) {
    Optional<Answer> answer = exchange.answer();
    if (answer.isEmpty()) {
      return Optional.of(exchange.failure("an answer"));
    }
    if (!exchange.succeeded(answer.get())) {
      return Optional.of(CaseOutcome.skipped("the receiver refuses the whole request, as it may"));
    }
    return exchange.response(answer.get()).rejected() == 0
        ? Optional.of(CaseOutcome.skipped("the receiver accepts spans without ids: see O-36"))
        : Optional.empty();
  }

  private static CaseOutcome countsRejected(Session session, SignalLane lane) {
    Exchange exchange = oneOfTwo(session, lane);
    return notPartial(exchange)
        .orElseGet(
            () ->
                exchange.expect(
                    "success with 1 rejected span in partial_success",
                    a -> exchange.response(a).rejected() == 1));
  }

  private static CaseOutcome explainsRejected(Session session, SignalLane lane) {
    Exchange exchange = oneOfTwo(session, lane);
    return notPartial(exchange)
        .orElseGet(
            () ->
                exchange.expect(
                    "an error_message", a -> !exchange.response(a).message().isBlank()));
  }
}
