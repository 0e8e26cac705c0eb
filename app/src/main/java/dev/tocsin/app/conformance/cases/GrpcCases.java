package dev.tocsin.app.conformance.cases;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.app.conformance.check.CaseList;
import dev.tocsin.app.conformance.check.CaseOutcome;
import dev.tocsin.app.conformance.check.Check;
import dev.tocsin.app.conformance.check.ConformanceCase;
import dev.tocsin.app.conformance.check.Exchange;
import dev.tocsin.app.conformance.check.Session;
import dev.tocsin.app.conformance.check.SignalLane;
import dev.tocsin.app.conformance.check.Telemetry;
import dev.tocsin.app.conformance.check.Transport;
import dev.tocsin.app.conformance.probe.Answer;
import dev.tocsin.app.conformance.probe.Body;
import dev.tocsin.app.conformance.probe.GrpcCode;
import dev.tocsin.app.conformance.probe.ReceiverKind;
import dev.tocsin.app.conformance.probe.Request;
import dev.tocsin.app.conformance.probe.Request.Framing;
import dev.tocsin.app.conformance.probe.Request.Version;
import java.util.Collections;
import java.util.List;

/** OTLP/gRPC: calls as a gRPC library makes them, and as none would. */
final class GrpcCases {
  private static final int CALLS_TOGETHER = 16;
  private static final List<SignalLane> LANES = SignalLane.stable(Transport.GRPC);
  private static final List<SignalLane> TRACES = SignalLane.one(Transport.GRPC, Telemetry.TRACES);

  private GrpcCases() {}

  static List<ConformanceCase> cases() {
    CaseList cases = new CaseList();
    calls(cases);
    badData(cases);
    frames(cases);
    web(cases);
    return cases.toList();
  }

  private static void calls(CaseList cases) {
    cases
        .on(LANES, Spec.GRPC_CONCURRENT)
        .should(
            "O-15",
            "concurrent-calls",
            "serves 16 calls at a time over one connection",
            GrpcCases::concurrent)
        .on(LANES, Spec.GRPC_HTTP2)
        .must(
            "O-5",
            "unary-response",
            "answers 200, application/grpc, one message and grpc-status in trailers",
            (session, lane) ->
                session
                    .export(lane, session.samples().valid(lane))
                    .expect(
                        "HTTP 200, content-type: application/grpc, one message, grpc-status trailer",
                        GrpcCases::isWholeUnaryAnswer))
        .must(
            "O-18",
            "small-data-frames",
            "takes a message that comes in many small DATA frames",
            (session, lane) ->
                session.send(lane, valid(session, lane).framing(Framing.CHUNKED)).expectSuccess())
        .on(TRACES, Spec.GRPC_HTTP2)
        .must(
            "O-14",
            "unknown-method",
            "answers UNIMPLEMENTED to a method it does not know",
            (session, lane) ->
                session
                    .send(
                        lane,
                        valid(session, lane)
                            .path("/opentelemetry.proto.collector.trace.v1.TraceService/NoSuch"))
                    .expectRefusal(0, GrpcCode.UNIMPLEMENTED))
        .must(
            "O-14",
            "unknown-service",
            "answers UNIMPLEMENTED to a service it does not know",
            (session, lane) ->
                session
                    .send(lane, valid(session, lane).path("/no.such.Service/Export"))
                    .expectRefusal(0, GrpcCode.UNIMPLEMENTED))
        .should(
            "O-19",
            "wrong-type-is-415",
            "answers HTTP 415 to a Content-Type that is not application/grpc",
            (session, lane) ->
                session
                    .send(lane, valid(session, lane).with("content-type", "text/plain"))
                    .expect("HTTP 415", a -> a.status() == 415))
        .must(
            "O-19",
            "type-with-subtype",
            "takes application/grpc+proto",
            (session, lane) ->
                session
                    .send(lane, valid(session, lane).with("content-type", "application/grpc+proto"))
                    .expectSuccess());
  }

  private static void badData(CaseList cases) {
    cases
        .on(LANES, Spec.GRPC_FAILURES)
        .should(
            "O-13",
            "malformed-is-invalid-argument",
            "answers INVALID_ARGUMENT to a message it cannot decode",
            (session, lane) ->
                session.export(lane, malformed()).expectRefusal(0, GrpcCode.INVALID_ARGUMENT))
        .must(
            "O-14",
            "bad-data-is-final",
            "answers bad data with no code that makes clients send it again",
            GrpcCases::finalForBadData)
        .on(LANES, Spec.GRPC_COMPRESSION)
        .must(
            "O-1",
            "unknown-encoding",
            "answers UNIMPLEMENTED to a grpc-encoding it does not know",
            (session, lane) ->
                session
                    .send(lane, session.request(lane, malformed(), "no-such-encoding"))
                    .expectRefusal(0, GrpcCode.UNIMPLEMENTED))
        .on(TRACES, Spec.GRPC_COMPRESSION)
        .expected(
            "O-1",
            "accept-encoding",
            "then names the encodings it knows in grpc-accept-encoding, gzip among them",
            (session, lane) ->
                session
                    .send(lane, session.request(lane, malformed(), "no-such-encoding"))
                    .expect(
                        "grpc-accept-encoding with gzip",
                        a -> String.valueOf(accepted(a)).contains("gzip")))
        .must(
            "O-1",
            "mixed-encoding",
            "takes an uncompressed message in a call that declares gzip",
            (session, lane) ->
                session
                    .send(lane, valid(session, lane).with("grpc-encoding", "gzip"))
                    .expectSuccess());
  }

  private static void frames(CaseList cases) {
    cases
        .on(TRACES, Spec.GRPC_HTTP2)
        .must("O-80", "no-message", "refuses a call without a message", refusesFrames(Body.NONE))
        .must(
            "O-80",
            "cut-frame",
            "refuses a message that ends before its length",
            refusesFrames(Body.of(new byte[] {0, 0, 0, 1, 0, 10, 0}, "2 of 256 bytes")))
        .must(
            "O-80",
            "cut-prefix",
            "refuses a message whose length is cut off",
            refusesFrames(Body.of(new byte[] {0, 0, 0}, "3 bytes of the prefix")))
        .must(
            "O-80",
            "flag-without-encoding",
            "refuses a compressed message when no encoding is declared",
            (session, lane) ->
                session
                    .send(
                        lane, session.frames(lane, session.samples().valid(lane).gzip().framed(1)))
                    .expectFinalRefusal())
        .must(
            "O-80",
            "false-gzip",
            "refuses a message that is not the gzip it claims to be",
            (session, lane) ->
                session
                    .send(
                        lane,
                        session
                            .frames(lane, session.samples().valid(lane).framed(1))
                            .with("grpc-encoding", "gzip"))
                    .expectFinalRefusal())
        .expected(
            "O-80",
            "reserved-flag",
            "refuses a message with a flag that gRPC does not define",
            (session, lane) ->
                session
                    .send(lane, session.frames(lane, session.samples().valid(lane).framed(0x40)))
                    .expectFinalRefusal())
        .expected(
            "O-80",
            "two-messages",
            "answers a unary call with two messages, and not as if it should be sent again",
            GrpcCases::twoMessages);
  }

  private static void web(CaseList cases) {
    cases
        .on(LANES, Spec.GRPC_WEB)
        .expected("O-18", "grpc-web", "speaks gRPC-Web, as browsers do", GrpcCases::grpcWeb);
  }

  private static Request valid(Session session, SignalLane lane) {
    return session.request(lane, session.samples().valid(lane));
  }

  private static Body malformed() {
    return Body.of("\0\1no protobuf".getBytes(UTF_8), "no protobuf");
  }

  private static Check refusesFrames(Body frames) {
    return (session, lane) -> session.send(lane, session.frames(lane, frames)).expectFinalRefusal();
  }

  private static boolean isWholeUnaryAnswer(Answer answer) {
    return answer.status() == 200
        && answer.mediaType().startsWith("application/grpc")
        && answer.grpcMessage().isPresent()
        && answer.trailers().contains("grpc-status")
        && answer.grpcStatus() == GrpcCode.OK;
  }

  private static String accepted(Answer answer) {
    String name = "grpc-accept-encoding";
    return answer.header(name) + "," + answer.trailers().get(name);
  }

  private static CaseOutcome concurrent(Session session, SignalLane lane) {
    CaseOutcome outcome = CaseOutcome.passed();
    List<Request> calls = Collections.nCopies(CALLS_TOGETHER, valid(session, lane));
    for (Exchange exchange : session.sendTogether(lane, calls)) {
      outcome = outcome.and(exchange::expectSuccess);
    }
    return outcome;
  }

  private static CaseOutcome finalForBadData(Session session, SignalLane lane) {
    CaseOutcome outcome = CaseOutcome.passed();
    for (Body body : Malformed.bodies(session, lane)) {
      outcome = outcome.and(() -> session.export(lane, body).expectNoFault());
    }
    return outcome;
  }

  private static CaseOutcome twoMessages(Session session, SignalLane lane) {
    Body one = session.samples().valid(lane).framed(0);
    return session.send(lane, session.frames(lane, one.plus(one, "two messages"))).expectNoFault();
  }

  /** On the gRPC port or on the HTTP port. */
  private static CaseOutcome grpcWeb(Session session, SignalLane lane) {
    for (ReceiverKind endpoint : ReceiverKind.values()) {
      if (!session.reaches(endpoint)) {
        continue;
      }
      Exchange exchange =
          session.send(
              lane,
              valid(session, lane)
                  .endpoint(endpoint)
                  .version(Version.HTTP_1_1)
                  .with("content-type", "application/grpc-web+proto")
                  .with("x-grpc-web", "1")
                  .without("te"));
      boolean served =
          exchange
              .answer()
              .map(a -> a.mediaType().startsWith("application/grpc-web"))
              .orElse(false);
      if (served) {
        return exchange.expect(
            "200, a message, and a frame of trailers with grpc-status: 0",
            a ->
                a.status() == 200
                    && new String(a.body(), UTF_8).matches("(?s).*grpc-status: ?0.*"));
      }
    }
    return CaseOutcome.skipped("the receiver does not speak gRPC-Web, which OTLP does not ask for");
  }
}
