package dev.tocsin.app.conformance.check;

import dev.tocsin.app.conformance.probe.Answer;
import dev.tocsin.app.conformance.probe.Curl;
import dev.tocsin.app.conformance.probe.GrpcCode;
import dev.tocsin.app.conformance.probe.NoAnswer;
import dev.tocsin.app.conformance.probe.ReceivedStatus;
import dev.tocsin.app.conformance.probe.Reply;
import dev.tocsin.app.conformance.probe.Request;
import dev.tocsin.app.conformance.probe.ServerAddress;
import dev.tocsin.app.conformance.probe.Target;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A request over a lane and what came of it, with the questions that cases ask about it. */
public final class Exchange {
  private static final Set<Integer> HTTP_RETRYABLE = Set.of(429, 502, 503, 504);

  private final Target target;
  private final SignalLane lane;
  private final Request request;
  private final Reply reply;

  Exchange(Target target, SignalLane lane, Request request, Reply reply) {
    this.target = target;
    this.lane = lane;
    this.request = request;
    this.reply = reply;
  }

  public Reply reply() {
    return reply;
  }

  /** The answer, if one came. */
  public Optional<Answer> answer() {
    return reply instanceof Answer answer ? Optional.of(answer) : Optional.empty();
  }

  /** Passes when an answer came and it is as expected. */
  public CaseOutcome expect(String expectation, Predicate<Answer> test) {
    return reply instanceof Answer answer && test.test(answer)
        ? CaseOutcome.passed()
        : failure(expectation);
  }

  /** Passes when there is an answer, or at least an end of the connection. */
  public CaseOutcome expectAnEnd() {
    return reply instanceof NoAnswer none && !none.closed()
        ? failure("an answer, or the end of the connection, in time")
        : CaseOutcome.passed();
  }

  public CaseOutcome failure(String expectation) {
    ServerAddress origin = target.origin(request.endpoint());
    @Nullable String command =
        origin == null ? null : Curl.line(origin, request, target.headers()).orElse(null);
    return new CaseOutcome.Failed(request.describe(), reply.describe(), expectation, command);
  }

  /** HTTP 200, or gRPC's OK with one message. */
  public CaseOutcome expectSuccess() {
    return expect(
        lane.wire() == Transport.GRPC ? "grpc-status 0 and one message" : "HTTP 200",
        answer -> succeeded(answer) && (!isGrpc() || answer.grpcMessage().isPresent()));
  }

  /** Success, with a body that is an Export…ServiceResponse. */
  public CaseOutcome expectExportResponse() {
    return expectSuccess()
        .and(
            () ->
                expect(
                    "an Export...ServiceResponse in the body",
                    answer -> ParsedResponse.of(lane, answer).isPresent()));
  }

  /** Success, and nothing of the request rejected. */
  public CaseOutcome expectAllAccepted() {
    return expectSuccess()
        .and(
            () ->
                expect(
                    "all accepted: nothing rejected in partial_success",
                    answer -> response(answer).rejected() == 0));
  }

  /** An error of whatever kind, as long as it is an answer. */
  public CaseOutcome expectRefused() {
    return expect("an error: the request is over the limit", answer -> !succeeded(answer));
  }

  /** No success, and nothing that makes a client send the same again. */
  public CaseOutcome expectFinalRefusal() {
    return expect(
        isGrpc()
            ? "an error that clients do not retry"
            : "a 4xx that clients do not retry (neither 429 nor 5xx)",
        answer -> !succeeded(answer) && !temporaryOrBroken(answer));
  }

  /** Either success or a final refusal: whatever the receiver thinks of the request. */
  public CaseOutcome expectNoFault() {
    return expect(
        isGrpc()
            ? "success, or an error that clients do not retry"
            : "success, or a 4xx other than 429: the request is at fault, not the receiver",
        answer -> succeeded(answer) || !temporaryOrBroken(answer));
  }

  /** Refused with this HTTP status, or this code of gRPC. */
  public CaseOutcome expectRefusal(int httpStatus, int grpcCode) {
    return isGrpc()
        ? expect(
            "grpc-status " + GrpcCode.name(grpcCode), answer -> answer.grpcStatus() == grpcCode)
        : expect("HTTP " + httpStatus, answer -> answer.status() == httpStatus);
  }

  /** OTLP/HTTP: the body is a google.rpc.Status in the encoding of the request. */
  public CaseOutcome expectStatusBody() {
    return expect(
        "a google.rpc.Status as " + lane.wire().mediaType(),
        answer -> answer.mediaType().equals(lane.wire().mediaType()) && status(answer).isPresent());
  }

  /** OTLP/HTTP: the body is a google.rpc.Status in either encoding, as its type says. */
  public CaseOutcome expectStatusBodyOfAnyEncoding() {
    return expect(
        "a google.rpc.Status as application/x-protobuf or application/json",
        answer -> statusByItsOwnType(answer).isPresent());
  }

  /** The Status has a message; another case tells when there is no Status. */
  public CaseOutcome expectStatusMessage() {
    Optional<ReceivedStatus> status = answer().flatMap(Exchange::statusByItsOwnType);
    return status.isEmpty()
        ? CaseOutcome.skipped("there is no Status that could have a message")
        : expect(
            "a google.rpc.Status whose message says something",
            answer -> !status.get().message().isBlank());
  }

  /** The Status of an error: the HTTP body, or gRPC's details. */
  public Optional<ReceivedStatus> status(Answer answer) {
    return switch (lane.wire()) {
      case GRPC -> answer.grpcDetails().flatMap(ReceivedStatus::protobuf);
      case PROTOBUF -> answer.plainBody().flatMap(ReceivedStatus::protobuf);
      case JSON -> answer.plainBody().flatMap(ReceivedStatus::json);
    };
  }

  private static Optional<ReceivedStatus> statusByItsOwnType(Answer answer) {
    return switch (answer.mediaType()) {
      case "application/x-protobuf" -> answer.plainBody().flatMap(ReceivedStatus::protobuf);
      case "application/json" -> answer.plainBody().flatMap(ReceivedStatus::json);
      default -> Optional.empty();
    };
  }

  /** Whether the receiver took the request, wholly or in part. */
  public boolean succeeded(Answer answer) {
    return isGrpc()
        ? answer.status() == 200 && answer.grpcStatus() == GrpcCode.OK
        : answer.status() == 200;
  }

  /** What the answer to a success says; all accepted when it cannot be read. */
  public ParsedResponse response(Answer answer) {
    return ParsedResponse.of(lane, answer).orElse(new ParsedResponse(false, 0, ""));
  }

  /** Whether a client would retry, or blame the receiver. */
  private boolean temporaryOrBroken(Answer answer) {
    if (!isGrpc()) {
      return answer.status() >= 500 || HTTP_RETRYABLE.contains(answer.status());
    }
    if (answer.grpcStatus() < 0) {
      // No gRPC at all: clients map the HTTP status, and retry what they take for UNAVAILABLE.
      return answer.status() == 200 || HTTP_RETRYABLE.contains(answer.status());
    }
    boolean retryInfo = status(answer).map(s -> s.has("RetryInfo")).orElse(false);
    return GrpcCode.retryable(answer.grpcStatus())
        || (answer.grpcStatus() == GrpcCode.RESOURCE_EXHAUSTED && retryInfo);
  }

  private boolean isGrpc() {
    return lane.wire() == Transport.GRPC;
  }
}
