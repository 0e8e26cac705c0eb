package dev.tocsin.app.conformance.cases;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.app.conformance.check.CaseList;
import dev.tocsin.app.conformance.check.CaseOutcome;
import dev.tocsin.app.conformance.check.Check;
import dev.tocsin.app.conformance.check.ConformanceCase;
import dev.tocsin.app.conformance.check.Exchange;
import dev.tocsin.app.conformance.check.Session;
import dev.tocsin.app.conformance.check.SignalLane;
import dev.tocsin.app.conformance.check.Transport;
import dev.tocsin.app.conformance.probe.Body;
import dev.tocsin.app.conformance.probe.Request;
import java.util.List;

/** OTLP/HTTP: what an error looks like, and which one belongs to what. */
final class HttpErrorCases {
  private static final List<SignalLane> LANES =
      SignalLane.stable(Transport.PROTOBUF, Transport.JSON);

  private HttpErrorCases() {}

  /** Makes the request that is wrong in one way. */
  private interface Fault {
    Request of(Session session, SignalLane lane);
  }

  static List<ConformanceCase> cases() {
    CaseList cases = new CaseList();
    badData(cases);
    statuses(cases);
    choices(cases);
    encodings(cases);
    return cases.toList();
  }

  private static void badData(CaseList cases) {
    cases
        .on(LANES, Spec.BAD_DATA)
        .must(
            "O-23",
            "malformed-is-400",
            "answers 400 to a body it cannot decode",
            is(400, HttpErrorCases::malformed))
        .must(
            "O-23",
            "truncated-is-400",
            "answers 400 to a body cut off half-way",
            is(400, HttpErrorCases::truncated))
        .must(
            "O-23", "random-is-400", "answers 400 to random bytes", is(400, HttpErrorCases::random))
        .should(
            "O-23",
            "bad-request-details",
            "explains bad data with a BadRequest in the Status's details",
            (session, lane) -> {
              Exchange exchange = session.send(lane, malformed(session, lane));
              return exchange.expect(
                  "400 with a google.rpc.BadRequest in Status.details",
                  a -> exchange.status(a).map(s -> s.has("BadRequest")).orElse(false));
            })
        .on(LANES, Spec.RETRYABLE)
        .must(
            "O-24",
            "bad-data-is-final",
            "answers bad data with neither 5xx nor 429, which would be sent again or blamed on it",
            HttpErrorCases::finalForBadData);
  }

  private static void statuses(CaseList cases) {
    cases
        .on(LANES, Spec.HTTP_FAILURES)
        .must(
            "O-22",
            "status-of-400",
            "400 carries a Status in the request's encoding",
            carries(HttpErrorCases::malformed))
        .must(
            "O-22",
            "status-of-404",
            "404 carries a Status in the request's encoding",
            carries(HttpErrorCases::wrongPath))
        .must(
            "O-22",
            "status-of-405",
            "405 carries a Status in the request's encoding",
            carries(HttpErrorCases::wrongMethod))
        .must(
            "O-22",
            "status-of-415",
            "415 carries a Status, in either encoding as the request has neither",
            (session, lane) ->
                session.send(lane, wrongType(session, lane)).expectStatusBodyOfAnyEncoding())
        .should(
            "O-22",
            "message-of-400",
            "the Status of 400 has a message",
            says(HttpErrorCases::malformed))
        .should(
            "O-22",
            "message-of-404",
            "the Status of 404 has a message",
            says(HttpErrorCases::wrongPath))
        .should(
            "O-22",
            "message-of-405",
            "the Status of 405 has a message",
            says(HttpErrorCases::wrongMethod))
        .should(
            "O-22",
            "message-of-415",
            "the Status of 415 has a message",
            says(HttpErrorCases::wrongType));
  }

  private static void choices(CaseList cases) {
    cases
        .on(LANES, Spec.HTTP_SEMANTICS + ", 15.5")
        .expected(
            "O-22",
            "unknown-path-is-404",
            "answers 404 to a path it does not know",
            is(404, HttpErrorCases::wrongPath))
        .expected("O-22", "get-is-405", "answers 405 to GET", is(405, HttpErrorCases::wrongMethod))
        .expected(
            "O-22",
            "put-is-405",
            "answers 405 to PUT",
            is(405, (s, l) -> valid(s, l).method("PUT")))
        .expected(
            "O-22",
            "405-names-post",
            "405 names POST in its Allow header",
            (session, lane) ->
                session
                    .send(lane, wrongMethod(session, lane))
                    .expect("allow: POST", a -> String.valueOf(a.header("allow")).contains("POST")))
        .expected(
            "O-22",
            "wrong-type-is-415",
            "answers 415 to text/plain",
            is(415, HttpErrorCases::wrongType))
        .expected(
            "O-22",
            "no-type-is-refused",
            "answers 4xx to a request without Content-Type",
            (session, lane) ->
                session
                    .send(lane, valid(session, lane).without("content-type"))
                    .expectFinalRefusal());
  }

  private static void encodings(CaseList cases) {
    cases
        .on(LANES, Spec.HTTP_SEMANTICS + ", 8.4 Content-Encoding")
        .should(
            "O-22",
            "unknown-encoding-is-415",
            "answers 415 to a Content-Encoding it does not know",
            is(415, HttpErrorCases::wrongEncoding))
        .on(LANES, Spec.HTTP_FAILURES)
        .must(
            "O-22",
            "status-of-wrong-encoding",
            "refuses a wrong Content-Encoding with a Status in the request's encoding",
            carries(HttpErrorCases::wrongEncoding))
        .on(LANES, Spec.BAD_DATA)
        .must(
            "O-23",
            "false-gzip-is-400",
            "answers 400 to a body that is not the gzip it claims to be",
            is(400, HttpErrorCases::falseGzip))
        .must(
            "O-23",
            "truncated-gzip-is-400",
            "answers 400 to gzip that ends early",
            is(400, HttpErrorCases::truncatedGzip));
  }

  private static Check is(int status, Fault fault) {
    return (session, lane) -> session.send(lane, fault.of(session, lane)).expectRefusal(status, 0);
  }

  private static Check carries(Fault fault) {
    return (session, lane) -> {
      Exchange exchange = session.send(lane, fault.of(session, lane));
      return exchange.expect("an error", a -> a.status() >= 400).and(exchange::expectStatusBody);
    };
  }

  private static Check says(Fault fault) {
    return (session, lane) -> session.send(lane, fault.of(session, lane)).expectStatusMessage();
  }

  private static Request valid(Session session, SignalLane lane) {
    return session.request(lane, session.samples().valid(lane));
  }

  private static Request malformed(Session session, SignalLane lane) {
    // Field 0 in protobuf, and a key without a value in JSON: no decoder can make sense of them.
    Body body =
        lane.wire() == Transport.JSON
            ? Body.text("{\"resourceSpans\":", "no whole JSON")
            : Body.of("\0\1no protobuf".getBytes(UTF_8), "no protobuf");
    return session.request(lane, body);
  }

  private static Request truncated(Session session, SignalLane lane) {
    Body whole = session.samples().valid(lane);
    return session.request(lane, whole.cutTo(whole.length() / 2, "half of a valid request"));
  }

  private static Request random(Session session, SignalLane lane) {
    byte[] bytes = session.samples().randomBytes(200);
    // An end-group tag that nothing began; chance could make a valid message otherwise.
    bytes[0] = 0x0c;
    return session.request(lane, Body.of(bytes, "random bytes"));
  }

  private static Request wrongPath(Session session, SignalLane lane) {
    return valid(session, lane).path("/v1/no-such-signal");
  }

  private static Request wrongMethod(Session session, SignalLane lane) {
    return valid(session, lane).method("GET").body(Body.NONE);
  }

  private static Request wrongType(Session session, SignalLane lane) {
    return valid(session, lane).with("content-type", "text/plain");
  }

  private static Request wrongEncoding(Session session, SignalLane lane) {
    return valid(session, lane).with("content-encoding", "no-such-encoding");
  }

  private static Request falseGzip(Session session, SignalLane lane) {
    return valid(session, lane).with("content-encoding", "gzip");
  }

  private static Request truncatedGzip(Session session, SignalLane lane) {
    Body whole = session.samples().valid(lane).gzip();
    Body half = whole.cutTo(whole.length() / 2, "half of a valid request with gzip");
    return session.request(lane, half, "gzip");
  }

  private static CaseOutcome finalForBadData(Session session, SignalLane lane) {
    CaseOutcome outcome = CaseOutcome.passed();
    for (Body body : Malformed.bodies(session, lane)) {
      outcome = outcome.and(() -> session.export(lane, body).expectNoFault());
    }
    for (Fault fault : List.<Fault>of(HttpErrorCases::falseGzip, HttpErrorCases::truncatedGzip)) {
      outcome = outcome.and(() -> session.send(lane, fault.of(session, lane)).expectNoFault());
    }
    return outcome;
  }
}
