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
import dev.tocsin.app.conformance.probe.Body;
import dev.tocsin.app.conformance.probe.Compression;
import dev.tocsin.app.conformance.probe.GrpcCode;
import java.util.List;

/** Compressions beside gzip, which a receiver may have; and bombs of each that it has. */
final class EncodingCases {
  private static final int BOMB_FACTOR = 4;

  private EncodingCases() {}

  static List<ConformanceCase> cases() {
    CaseList cases = new CaseList();
    for (Compression compression : Compression.values()) {
      String encoding = compression.encoding();
      List<SignalLane> lanes = lanes(compression);
      if (compression != Compression.GZIP) {
        cases
            .on(lanes, Spec.SECURITY)
            .expected(
                "O-49",
                encoding,
                "takes a request compressed with " + encoding + ", or says that it cannot",
                (session, lane) -> takes(session, lane, compression));
      }
      cases
          .onLarge(lanes, Spec.SECURITY)
          .expected(
              "O-75",
              encoding + "-bomb",
              "refuses " + encoding + " that inflates to four times the limit, and goes on serving",
              (session, lane) -> bomb(session, lane, compression));
    }
    return cases.toList();
  }

  /** gRPC's snappy is another: the framed format. */
  private static List<SignalLane> lanes(Compression compression) {
    return SignalLane.each(Telemetry.TRACES).stream()
        .filter(lane -> lane.wire() != Transport.GRPC || compression != Compression.SNAPPY)
        .toList();
  }

  private static CaseOutcome takes(Session session, SignalLane lane, Compression compression) {
    Exchange exchange = small(session, lane, compression);
    return exchange.answer().map(a -> unsupported(exchange, a)).orElse(false)
        ? lacks(compression)
        : exchange.expect("success", exchange::succeeded);
  }

  private static CaseOutcome bomb(Session session, SignalLane lane, Compression compression) {
    Exchange small = small(session, lane, compression);
    if (small.answer().map(a -> unsupported(small, a)).orElse(false)) {
      return lacks(compression);
    }
    long bytes = (long) BOMB_FACTOR * session.settings().sizeLimitBytes();
    int size = (int) Math.min(Integer.MAX_VALUE >> 1, bytes);
    Body bomb = Giants.largeCompressed(session, lane, compression, size);
    return session
        .sendLarge(lane, session.request(lane, bomb, compression.encoding()))
        .expectFinalRefusal()
        .and(() -> session.stillServes(lane));
  }

  private static Exchange small(Session session, SignalLane lane, Compression compression) {
    Body body = session.samples().valid(lane).compressed(compression);
    return session.send(lane, session.request(lane, body, compression.encoding()));
  }

  /** Some say it with 400 instead of 415: O-22/unknown-encoding-is-415 judges that. */
  private static boolean unsupported(Exchange exchange, Answer answer) {
    return !exchange.succeeded(answer)
        && (answer.status() == 415
            || answer.status() == 400
            || answer.grpcStatus() == GrpcCode.UNIMPLEMENTED);
  }

  private static CaseOutcome lacks(Compression compression) {
    return CaseOutcome.skipped(
        "the receiver does not take " + compression.encoding() + ", as it may");
  }
}
