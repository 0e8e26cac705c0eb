package dev.tocsin.app.conformance.cases;

import dev.tocsin.app.conformance.check.CaseList;
import dev.tocsin.app.conformance.check.CaseOutcome;
import dev.tocsin.app.conformance.check.ConformanceCase;
import dev.tocsin.app.conformance.check.Exchange;
import dev.tocsin.app.conformance.check.Session;
import dev.tocsin.app.conformance.check.SignalLane;
import dev.tocsin.app.conformance.check.Telemetry;
import dev.tocsin.app.conformance.check.Transport;
import dev.tocsin.app.conformance.probe.Answer;
import dev.tocsin.app.conformance.probe.NoAnswer;
import dev.tocsin.app.conformance.probe.Request;
import dev.tocsin.app.conformance.probe.Request.Framing;
import dev.tocsin.app.conformance.probe.Request.Version;
import java.util.List;

/** What both transports have in common when all is well, and how HTTP carries it. */
final class TransportCases {
  private TransportCases() {}

  static List<ConformanceCase> cases() {
    CaseList cases = new CaseList();
    exports(cases);
    responses(cases);
    http(cases);
    return cases.toList();
  }

  private static void exports(CaseList cases) {
    cases
        .on(SignalLane.all(), Spec.COMPRESSION)
        .must("O-1", "none", "takes a request without compression", TransportCases::plain)
        .must("O-1", "gzip", "takes a request compressed with gzip", TransportCases::gzip)
        .on(SignalLane.all(), Spec.SUCCESS)
        .should(
            "O-4",
            "empty",
            "answers success to a request without telemetry",
            (session, lane) ->
                session.export(lane, session.samples().empty(lane)).expectAllAccepted())
        .must(
            "O-5",
            "full-success",
            "reports nothing rejected when all is accepted",
            TransportCases::nothingRejected)
        .expected(
            "O-5",
            "empty-response",
            "leaves partial_success out: an empty message, or {}",
            TransportCases::emptyResponse)
        .on(SignalLane.stable(), Spec.ENVELOPES)
        .expected(
            "O-9",
            "empty-envelopes",
            "takes resources without scopes and scopes without items",
            (session, lane) ->
                session.export(lane, Variants.emptyEnvelopes(session, lane)).expectAllAccepted())
        .on(SignalLane.all(Transport.GRPC, Transport.PROTOBUF), Spec.VERSIONS)
        .must(
            "O-8",
            "unknown-fields",
            "ignores fields it does not know, at every level",
            (session, lane) ->
                session.export(lane, Variants.unknownFields(session, lane)).expectAllAccepted());
  }

  private static void responses(CaseList cases) {
    cases
        .on(SignalLane.all(Transport.PROTOBUF, Transport.JSON), Spec.HTTP_REQUEST)
        .must(
            "O-17",
            "default-path",
            "serves the signal at its default path",
            (session, lane) ->
                session
                    .export(lane, session.samples().valid(lane))
                    .expect("no 404 and no 405", a -> a.status() != 404 && a.status() != 405))
        .on(SignalLane.all(Transport.PROTOBUF, Transport.JSON), Spec.HTTP_RESPONSE)
        .must(
            "O-19",
            "response-type",
            "answers with the Content-Type of the request",
            (session, lane) ->
                session
                    .export(lane, session.samples().valid(lane))
                    .expect(
                        "content-type: " + lane.wire().mediaType(),
                        a -> a.mediaType().equals(lane.wire().mediaType())))
        .on(SignalLane.all(Transport.PROTOBUF, Transport.JSON), Spec.SUCCESS)
        .must(
            "O-21",
            "success-is-200",
            "answers success with exactly 200 and an Export...ServiceResponse",
            (session, lane) ->
                session.export(lane, session.samples().valid(lane)).expectExportResponse());
  }

  private static void http(CaseList cases) {
    cases
        .on(
            SignalLane.stable(Transport.PROTOBUF, Transport.JSON),
            Spec.HTTP_SEMANTICS + ", 8.3 Content-Type")
        .expected(
            "O-19",
            "type-parameters",
            "takes a Content-Type with parameters: ; charset=utf-8",
            (session, lane) -> withType(session, lane, lane.wire().mediaType() + "; charset=utf-8"))
        .expected(
            "O-19",
            "type-case",
            "takes a Content-Type in any case",
            (session, lane) ->
                withType(
                    session, lane, lane.wire().mediaType().replace("application", "Application")))
        .on(SignalLane.one(Transport.JSON, Telemetry.TRACES), Spec.HTTP_CONNECTION)
        .should(
            "O-19",
            "one-port",
            "takes protobuf and JSON on the same port",
            TransportCases::bothOnOneConnection)
        .on(SignalLane.one(Transport.PROTOBUF, Telemetry.TRACES), Spec.HTTP_REQUEST)
        .expected("O-18", "http-2", "speaks HTTP/2 on the HTTP port", TransportCases::http2)
        .on(
            SignalLane.stable(Transport.PROTOBUF, Transport.JSON),
            Spec.HTTP_1_1 + ", 7.1 Chunked Transfer Coding")
        .must("O-18", "chunked", "takes a chunked request body", TransportCases::chunked)
        .on(
            SignalLane.one(Transport.PROTOBUF, Telemetry.TRACES),
            Spec.HTTP_SEMANTICS + ", 10.1.1 Expect")
        .expected(
            "O-18",
            "expect-continue",
            "answers a request with Expect: 100-continue",
            (session, lane) ->
                session
                    .send(lane, valid(session, lane).with("expect", "100-continue"))
                    .expectSuccess())
        .on(SignalLane.stable(Transport.PROTOBUF, Transport.JSON), Spec.HTTP_RESPONSE)
        .must(
            "O-26",
            "gzip-response",
            "compresses responses only with what Accept-Encoding names",
            TransportCases::responseEncoding)
        .on(SignalLane.stable(Transport.PROTOBUF, Transport.JSON), Spec.HTTP_CONNECTION)
        .expected(
            "O-28",
            "keep-alive",
            "takes several requests over one connection",
            TransportCases::keepAlive)
        .expected(
            "O-28",
            "keep-alive-after-error",
            "after an error serves the next request, or closes the connection",
            TransportCases::keepAliveAfterError);
  }

  private static Request valid(Session session, SignalLane lane) {
    return session.request(lane, session.samples().valid(lane));
  }

  private static CaseOutcome plain(Session session, SignalLane lane) {
    return session.send(lane, valid(session, lane)).expectSuccess();
  }

  private static CaseOutcome gzip(Session session, SignalLane lane) {
    return session.send(lane, session.gzip(lane, session.samples().valid(lane))).expectSuccess();
  }

  private static CaseOutcome nothingRejected(Session session, SignalLane lane) {
    return session.send(lane, valid(session, lane)).expectAllAccepted();
  }

  private static CaseOutcome emptyResponse(Session session, SignalLane lane) {
    Exchange exchange = session.send(lane, valid(session, lane));
    return exchange
        .expectSuccess()
        .and(
            () ->
                exchange.expect(
                    lane.wire() == Transport.JSON ? "the body {}" : "a message of no bytes",
                    a -> !exchange.response(a).partialSuccess() && isEmpty(lane, a)));
  }

  private static boolean isEmpty(SignalLane lane, Answer answer) {
    return switch (lane.wire()) {
      case GRPC -> answer.grpcMessage().map(m -> m.length == 0).orElse(false);
      case PROTOBUF -> answer.plainBody().map(b -> b.length == 0).orElse(false);
      case JSON -> answer.mediaType().equals(lane.wire().mediaType());
    };
  }

  private static CaseOutcome withType(Session session, SignalLane lane, String type) {
    return session.send(lane, valid(session, lane).with("content-type", type)).expectSuccess();
  }

  private static CaseOutcome bothOnOneConnection(Session session, SignalLane json) {
    SignalLane protobuf = new SignalLane(Transport.PROTOBUF, json.signal());
    return plain(session, json).and(() -> plain(session, protobuf));
  }

  private static CaseOutcome http2(Session session, SignalLane lane) {
    Exchange exchange = session.send(lane, valid(session, lane).version(Version.HTTP_2));
    return exchange.answer().isEmpty()
        ? CaseOutcome.skipped("the receiver speaks HTTP/1.1 only, as it may")
        : exchange.expectSuccess();
  }

  private static CaseOutcome chunked(Session session, SignalLane lane) {
    return session.send(lane, valid(session, lane).framing(Framing.CHUNKED)).expectSuccess();
  }

  private static CaseOutcome responseEncoding(Session session, SignalLane lane) {
    Exchange without = session.send(lane, valid(session, lane));
    Exchange with = session.send(lane, valid(session, lane).with("accept-encoding", "gzip"));
    return without
        .expect(
            "no content-encoding, as none was asked for", a -> a.header("content-encoding") == null)
        .and(
            () ->
                with.expect(
                    "a body without compression or with gzip",
                    a -> with.succeeded(a) && a.plainBody().isPresent()));
  }

  private static CaseOutcome keepAlive(Session session, SignalLane lane) {
    Request request = valid(session, lane);
    for (Exchange exchange : session.sendTogether(lane, List.of(request, request, request))) {
      CaseOutcome outcome = exchange.expectSuccess();
      if (!(outcome instanceof CaseOutcome.Passed)) {
        return outcome;
      }
    }
    return CaseOutcome.passed();
  }

  private static CaseOutcome keepAliveAfterError(Session session, SignalLane lane) {
    Request wrong = valid(session, lane).path("/v1/no-such-signal");
    List<Exchange> both = session.sendTogether(lane, List.of(wrong, valid(session, lane)));
    if (both.get(1).reply() instanceof NoAnswer none && none.closed()) {
      return both.get(0).expect("an answer", a -> true);
    }
    return both.get(1).expectSuccess();
  }
}
