package dev.tocsin.ingest.receive;

import dev.tocsin.ingest.access.Caller;
import dev.tocsin.ingest.body.BodyCollector;
import dev.tocsin.ingest.body.ContentEncoding;
import dev.tocsin.ingest.body.Inflater;
import dev.tocsin.ingest.ports.ExportResult;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * One export from its headers to its answer, for either transport. It answers exactly once:
 * accepted when all is durable, or refused at the first fault, at the deadline, or when the service
 * has no room. After that whatever still arrives is dropped unread, and so is what the producer
 * does not have yet, for the client will send it again. What the call holds of the budget is given
 * back when its last work ends, which may be after a deadline's answer.
 *
 * <p>Used on the event loop of its connection only.
 */
public final class ExportCall {

  /** How a transport puts an answer on the wire; called once. */
  public interface Answer {
    void accepted(ExportResult result);

    /** Not called when the client has gone. */
    void refused(RefusedException refusal);
  }

  private final Vertx vertx;
  private final Intake intake;
  private final Payload payload;
  private final Inflater inflater;
  private final Answer answer;
  private final CallLog log;
  private final BodyCollector body;
  private Caller caller;
  private Admission.@Nullable Permit permit;
  private long deadlineTimer = -1;
  private boolean answered;
  private boolean complete;
  private boolean preparing;

  private ExportCall(
      Vertx vertx,
      Intake intake,
      MultiMap headers,
      Payload payload,
      Inflater inflater,
      Answer answer) {
    this.vertx = vertx;
    this.intake = intake;
    this.payload = payload;
    this.inflater = inflater;
    this.answer = answer;
    this.caller = intake.access().unknown();
    this.log = intake.calls().open(payload, headers.get("user-agent"), caller);
    this.body =
        new BodyCollector(intake.limits().bytesMax(), more -> permit != null && permit.grow(more));
  }

  /**
   * Admits the call or answers at once: who sends, whether he may, whether there is room.
   *
   * @param request whose headers say who sends; its body is the caller's to read
   * @param inflater of the calling event loop
   * @param clientTimeoutMs what the client said it waits, or {@link Long#MAX_VALUE}
   */
  public static ExportCall open(
      Vertx vertx,
      Intake intake,
      HttpServerRequest request,
      Payload payload,
      Inflater inflater,
      long clientTimeoutMs,
      Answer answer) {
    MultiMap headers = request.headers();
    ExportCall call = new ExportCall(vertx, intake, headers, payload, inflater, answer);
    call.attempt(() -> call.enter(headers));
    call.armDeadline(clientTimeoutMs);
    return call;
  }

  private void enter(MultiMap headers) {
    caller = intake.access().authenticate(headers);
    log.from(caller);
    caller.admit(payload.signal(), headers.get("origin"), intake.nanoTime());
    permit = intake.admission().enter(caller);
  }

  private void armDeadline(long clientTimeoutMs) {
    if (answered) {
      return;
    }
    long ownMs = intake.limits().timeoutMs();
    long timeoutMs = Math.max(1, Math.min(clientTimeoutMs, ownMs));
    boolean clients = clientTimeoutMs < ownMs;
    deadlineTimer = vertx.setTimer(timeoutMs, id -> refuse(late(timeoutMs, clients)));
  }

  /** When the whole body is there and our own time is over, it is Kafka that is slow. */
  private RefusedException late(long timeoutMs, boolean clientsDeadline) {
    if (!complete) {
      return new RefusedException(
          Reason.TIMEOUT, "the body did not arrive within " + timeoutMs + " ms");
    }
    return new RefusedException(
        clientsDeadline ? Reason.TIMEOUT : Reason.KAFKA_UNAVAILABLE,
        "not stored within " + timeoutMs + " ms; try again");
  }

  /** Whether the answer has been given. */
  public boolean answered() {
    return answered;
  }

  /** How many bytes of the body have arrived. */
  public int received() {
    return body.length();
  }

  /** Notes the length the client announced, and refuses if it is too much. */
  public void announce(long length) {
    if (!answered) {
      attempt(() -> body.announce(length));
    }
  }

  /** Takes the next piece of the body. */
  public void append(Buffer chunk) {
    if (!answered) {
      attempt(() -> body.append(chunk));
    }
  }

  /**
   * The body is complete. It may have waited in the socket for long, so whether its client is still
   * there is looked at first.
   */
  public void end(ContentEncoding encoding) {
    if (answered || complete || permit == null) {
      return;
    }
    complete = true;
    Admission.Permit held = permit;
    NextRead.after(() -> prepare(encoding, held));
  }

  private void prepare(ContentEncoding encoding, Admission.Permit held) {
    if (answered) {
      return;
    }
    preparing = true;
    charge();
    intake
        .accept(payload, encoding, body.take(), inflater, held, log)
        .onSuccess(this::accept)
        .onFailure(failure -> refuse((RefusedException) failure))
        .onComplete(ignored -> held.close());
  }

  /** Refuses the call, unless it has been answered. */
  public void refuse(RefusedException refusal) {
    if (finish()) {
      log.ended(refusal);
      answer.refused(refusal);
    }
  }

  /**
   * The client has gone and will send again: what the producer does not have yet is dropped, or it
   * would be stored twice.
   */
  public void cancel() {
    if (finish()) {
      log.ended(new RefusedException(Reason.CANCELLED, "the client went away"));
    }
  }

  private void accept(ExportResult result) {
    if (finish()) {
      log.succeeded();
      answer.accepted(result);
    }
  }

  private void attempt(Runnable step) {
    try {
      step.run();
    } catch (RefusedException e) {
      refuse(e);
    }
  }

  /** Whether this is the first end. */
  private boolean finish() {
    if (answered) {
      return false;
    }
    answered = true;
    boolean unused = vertx.cancelTimer(deadlineTimer);
    if (!preparing && permit != null) {
      charge();
      body.drop();
      permit.close();
    }
    return true;
  }

  /** Bytes that have arrived count against the key, whatever becomes of them. */
  private void charge() {
    caller.charge(body.length(), intake.nanoTime());
  }
}
