package dev.tocsin.app.conformance.cases;

import dev.tocsin.app.conformance.check.CaseList;
import dev.tocsin.app.conformance.check.CaseOutcome;
import dev.tocsin.app.conformance.check.ConformanceCase;
import dev.tocsin.app.conformance.check.Exchange;
import dev.tocsin.app.conformance.check.Session;
import dev.tocsin.app.conformance.check.SignalLane;
import dev.tocsin.app.conformance.check.Telemetry;
import dev.tocsin.app.conformance.check.Transport;
import dev.tocsin.app.conformance.probe.Body;
import dev.tocsin.app.conformance.probe.Compression;
import dev.tocsin.app.conformance.probe.GrpcCode;
import dev.tocsin.app.conformance.probe.Request;
import dev.tocsin.app.conformance.probe.Request.Framing;
import java.util.List;

/** Sizes: of requests before and after inflation, of what is only announced, of responses. */
final class LimitCases {
  private static final int MARGIN_BYTES = 256 << 10;
  private static final int RESPONSE_BYTES_MAX = 4 << 20;
  private static final int INVALID_SPANS = 5_000;
  private static final int TOO_LARGE = 413;

  private LimitCases() {}

  /** Sends too much in one way; made once for all cases of a lane. */
  private interface Excess {
    Exchange of(Session session, SignalLane lane);
  }

  static List<ConformanceCase> cases() {
    CaseList cases = new CaseList();
    // Lane by lane, so that one exchange of many megabytes serves all cases that look at it.
    for (SignalLane lane : SignalLane.each(Telemetry.TRACES)) {
      refusals(cases, lane, "as-sent", "the limit as sent", LimitCases::asSent);
    }
    for (SignalLane lane : SignalLane.stable()) {
      refusals(cases, lane, "inflated", "the limit once inflated", LimitCases::inflated);
    }
    for (SignalLane lane : SignalLane.each(Telemetry.TRACES)) {
      if (lane.wire() != Transport.GRPC) {
        refusals(cases, lane, "chunked", "the limit, in chunks", LimitCases::chunked);
      }
    }
    hard(cases);
    responses(cases);
    return cases.toList();
  }

  private static void refusals(
      CaseList cases, SignalLane lane, String name, String words, Excess excess) {
    boolean grpc = lane.wire() == Transport.GRPC;
    cases
        .onLarge(List.of(lane), grpc ? Spec.GRPC_REQUEST : Spec.HTTP_REQUEST)
        .must(
            "O-2",
            "limit-" + name,
            "refuses a request over " + words + " (--size-limit)",
            (session, l) -> excess.of(session, l).expectRefused());
    if (grpc) {
      cases
          .must(
              "O-11",
              "exhausted-" + name,
              "answers RESOURCE_EXHAUSTED to a request over " + words,
              (session, l) ->
                  excess.of(session, l).expectRefusal(TOO_LARGE, GrpcCode.RESOURCE_EXHAUSTED))
          .must(
              "O-11",
              "no-retry-info-" + name,
              "then without RetryInfo: it would be sent again",
              (session, l) -> withoutRetryInfo(excess.of(session, l)));
      return;
    }
    cases
        .must(
            "O-20",
            "413-" + name,
            "answers 413 to a request over " + words,
            (session, l) -> excess.of(session, l).expectRefusal(TOO_LARGE, 0))
        .must(
            "O-22",
            "status-of-413-" + name,
            "the refusal carries a Status in the request's encoding",
            (session, l) -> {
              Exchange exchange = excess.of(session, l);
              return exchange
                  .expect("an error", a -> a.status() >= 400)
                  .and(exchange::expectStatusBody);
            });
  }

  private static void hard(CaseList cases) {
    cases
        .onLarge(SignalLane.each(Telemetry.TRACES), Spec.SECURITY)
        .expected(
            "O-2",
            "below-limit",
            "takes a request of three quarters of the limit",
            (session, lane) -> {
              int bytes = session.settings().sizeLimitBytes() / 4 * 3 - MARGIN_BYTES;
              Body body = Giants.large(session, lane, bytes);
              return session.sendLarge(lane, session.request(lane, body)).expectAllAccepted();
            })
        .on(SignalLane.one(Transport.PROTOBUF, Telemetry.TRACES), Spec.SECURITY)
        .expected(
            "O-80",
            "announced-length",
            "refuses an announced length over the limit without waiting for the body",
            LimitCases::announcedLength)
        .on(SignalLane.one(Transport.GRPC, Telemetry.TRACES), Spec.SECURITY)
        .expected(
            "O-80",
            "announced-frame",
            "refuses a frame of 4 GiB without waiting for it",
            (session, lane) ->
                session
                    .send(
                        lane,
                        session
                            .frames(lane, Body.NONE.framed(0, -1).as("a frame of 4 GiB, begun"))
                            .framing(Framing.AS_GIVEN))
                    .expectRefusal(0, GrpcCode.RESOURCE_EXHAUSTED));
  }

  private static void responses(CaseList cases) {
    cases
        .on(SignalLane.each(Telemetry.TRACES), Spec.HTTP_RESPONSE)
        .must(
            "O-3",
            "response-to-many-rejected",
            "a response to 5000 invalid spans stays below 4 MiB",
            LimitCases::responseToManyRejected);
  }

  private static Exchange asSent(Session session, SignalLane lane) {
    return session.once(
        "as sent " + lane,
        () -> session.sendLarge(lane, session.request(lane, tooLarge(session, lane))));
  }

  private static Exchange chunked(Session session, SignalLane lane) {
    return session.once(
        "chunked " + lane,
        () ->
            session.sendLarge(
                lane, session.request(lane, tooLarge(session, lane)).framing(Framing.CHUNKED)));
  }

  private static Exchange inflated(Session session, SignalLane lane) {
    int bytes = session.settings().sizeLimitBytes() + MARGIN_BYTES;
    return session.once(
        "inflated " + lane, () -> session.sendLarge(lane, compressed(session, lane, bytes)));
  }

  private static Body tooLarge(Session session, SignalLane lane) {
    return Giants.large(session, lane, session.settings().sizeLimitBytes() + MARGIN_BYTES);
  }

  private static Request compressed(Session session, SignalLane lane, int bytes) {
    return session.request(
        lane, Giants.largeCompressed(session, lane, Compression.GZIP, bytes), "gzip");
  }

  private static CaseOutcome withoutRetryInfo(Exchange exchange) {
    return exchange.expect(
        "an error without google.rpc.RetryInfo in grpc-status-details-bin",
        a ->
            !exchange.succeeded(a)
                && !exchange.status(a).map(s -> s.has("RetryInfo")).orElse(false));
  }

  private static CaseOutcome announcedLength(Session session, SignalLane lane) {
    long length = 4L * session.settings().sizeLimitBytes();
    Request request =
        session
            .request(lane, Body.of(new byte[] {0x0a}, "the first byte"))
            .with("content-length", Long.toString(length))
            .framing(Framing.AS_GIVEN);
    return session.send(lane, request).expectRefusal(TOO_LARGE, 0);
  }

  private static CaseOutcome responseToManyRejected(Session session, SignalLane lane) {
    var samples = session.samples();
    var invalid =
        java.util.stream.IntStream.range(0, INVALID_SPANS)
            .mapToObj(i -> samples.span().clearTraceId().setName("invalid " + i).build())
            .toArray(io.opentelemetry.proto.trace.v1.Span[]::new);
    Body body = samples.encode(lane, samples.traces(invalid), INVALID_SPANS + " spans without ids");
    return session
        .sendLarge(lane, session.request(lane, body))
        .expect("an answer below 4 MiB", a -> a.body().length < RESPONSE_BYTES_MAX);
  }
}
