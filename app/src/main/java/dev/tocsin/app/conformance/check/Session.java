package dev.tocsin.app.conformance.check;

import dev.tocsin.app.conformance.probe.Answer;
import dev.tocsin.app.conformance.probe.Body;
import dev.tocsin.app.conformance.probe.Client;
import dev.tocsin.app.conformance.probe.GrpcCode;
import dev.tocsin.app.conformance.probe.ReceiverKind;
import dev.tocsin.app.conformance.probe.Reply;
import dev.tocsin.app.conformance.probe.Request;
import dev.tocsin.app.conformance.probe.Request.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One run against one receiver: how cases send. Used by one thread, which it blocks. */
public final class Session {

  /**
   * What a run may vary.
   *
   * @param sizeLimitBytes the receiver's limit for one request, before and after inflation
   * @param patienceMs how long a receiver may put up with a sender that stalls
   * @param corsOrigin an origin that the receiver should serve; null to leave CORS out
   */
  public record Settings(int sizeLimitBytes, long patienceMs, @Nullable String corsOrigin) {}

  private static final int PATIENT = 6;

  private final Client client;
  private final Settings settings;
  private final Samples samples;
  private @Nullable Exchange latest;
  private @Nullable String latestName;

  public Session(Client client, Settings settings, Samples samples) {
    this.client = client;
    this.settings = settings;
    this.samples = samples;
  }

  public Settings settings() {
    return settings;
  }

  public Samples samples() {
    return samples;
  }

  /** Whether the receiver has an address for the lane. */
  public boolean reaches(SignalLane lane) {
    return reaches(lane.wire().endpoint());
  }

  public boolean reaches(ReceiverKind endpoint) {
    return client.target().origin(endpoint) != null;
  }

  /** An export as a client sends it. */
  public Request request(SignalLane lane, Body message) {
    return request(lane, message, null);
  }

  /** An export whose message is compressed; with gzip unless the message says otherwise. */
  public Request gzip(SignalLane lane, Body message) {
    return request(lane, message.gzip(), "gzip");
  }

  /**
   * @param message as it goes over the wire
   * @param encoding its declared compression, or null
   */
  public Request request(SignalLane lane, Body message, @Nullable String encoding) {
    if (lane.wire() == Transport.GRPC) {
      Request call = frames(lane, message.framed(encoding == null ? 0 : 1));
      return encoding == null ? call : call.with("grpc-encoding", encoding);
    }
    Request post =
        Request.post(lane.wire().endpoint(), Version.HTTP_1_1, lane.signal().path(), message)
            .with("content-type", lane.wire().mediaType());
    return encoding == null ? post : post.with("content-encoding", encoding);
  }

  /** A gRPC call with frames of the caller's making. */
  public Request frames(SignalLane lane, Body frames) {
    return Request.post(lane.wire().endpoint(), Version.HTTP_2, lane.signal().method(), frames)
        .with("content-type", lane.wire().mediaType())
        .with("te", "trailers")
        .with("grpc-accept-encoding", "identity,gzip");
  }

  public Exchange send(SignalLane lane, Request request) {
    return new Exchange(client.target(), lane, request, client.send(request));
  }

  /** For requests of megabytes, which may take some time. */
  public Exchange sendLarge(SignalLane lane, Request request) {
    return send(lane, request.patient(PATIENT));
  }

  /** The exchange of that name, made at its first use; only the latest is kept. */
  public Exchange once(String name, Supplier<Exchange> make) {
    Exchange known = latest;
    if (known == null || !name.equals(latestName)) {
      latest = null;
      known = make.get();
      latest = known;
      latestName = name;
    }
    return known;
  }

  /** For senders that stall. */
  public Exchange sendStalling(SignalLane lane, Request request) {
    long times = Math.max(1, settings.patienceMs() / client.target().timeoutMs());
    return send(lane, request.patient((int) times));
  }

  public Exchange export(SignalLane lane, Body message) {
    return send(lane, request(lane, message));
  }

  /** Over one connection; see {@link Client#sendTogether}. */
  public List<Exchange> sendTogether(SignalLane lane, List<Request> requests) {
    List<Reply> replies = client.sendTogether(requests);
    List<Exchange> exchanges = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) {
      exchanges.add(new Exchange(client.target(), lane, requests.get(i), replies.get(i)));
    }
    return exchanges;
  }

  /** Whether the receiver still does its work, after something hard. */
  public CaseOutcome stillServes(SignalLane lane) {
    return export(lane, samples.valid(lane).as("an ordinary request, after the hard one"))
        .expectSuccess();
  }

  /** Whether the receiver answers 404 or UNIMPLEMENTED, as it may for profiles. */
  public boolean lacks(SignalLane lane) {
    return export(lane, samples.valid(lane)).answer().map(a -> unknown(lane, a)).orElse(false);
  }

  private static boolean unknown(SignalLane lane, Answer answer) {
    return answer.status() == 404
        || (lane.wire() == Transport.GRPC && answer.grpcStatus() == GrpcCode.UNIMPLEMENTED);
  }
}
