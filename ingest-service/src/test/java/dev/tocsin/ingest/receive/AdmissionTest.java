package dev.tocsin.ingest.receive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tocsin.ingest.access.Access;
import dev.tocsin.ingest.access.Caller;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Caller everybody = Access.open().unknown();
  private final Admission admission = new Admission(100, 100, 60_000, registry);

  @Test
  void budget_isSharedByAllCalls_andReturnsWhenTheyEnd() {
    Admission.Permit first = admission.enter(everybody);
    Admission.Permit second = admission.enter(everybody);
    assertThat(first.grow(70)).isTrue();
    assertThat(second.grow(40)).isFalse();
    assertThat(second.grow(30)).isTrue();
    assertThat(registry.get("otlp.in.flight.bytes").gauge().value()).isEqualTo(100);
    assertThat(refusal()).isEqualTo(Reason.OVER_BUDGET);
    first.shrink(20);
    assertThat(second.grow(20)).isTrue();
    first.close();
    first.close();
    second.close();
    assertThat(registry.get("otlp.in.flight.bytes").gauge().value()).isZero();
    assertThat(registry.get("otlp.in.flight.requests").gauge().value()).isZero();
  }

  @Test
  void stop_refusesNewCalls_andWaitsForThoseInFlight() {
    Admission.Permit running = admission.enter(everybody);
    Future<Void> stopped = admission.stop();
    assertThat(admission.ready()).isFalse();
    assertThat(refusal()).isEqualTo(Reason.STOPPING);
    assertThat(stopped.isComplete()).isFalse();
    running.close();
    assertThat(stopped.isComplete()).isTrue();
    assertThat(admission.stop().isComplete()).isTrue();
  }

  @Test
  void share_boundsOneCallerWithManyCalls_butNeverASingleCall() {
    Admission shared = new Admission(100, 40, 60_000, new SimpleMeterRegistry());
    Caller greedy = Access.open().unknown();
    Admission.Permit large = shared.enter(greedy);
    assertThat(large.grow(70)).isTrue();
    assertThat(catchThrowableOfType(RefusedException.class, () -> shared.enter(greedy)).reason())
        .isEqualTo(Reason.OVER_SHARE);
    assertThat(shared.enter(everybody).grow(30)).isTrue();
    large.shrink(50);
    Admission.Permit second = shared.enter(greedy);
    assertThat(second.grow(21)).isFalse();
    assertThat(second.grow(20)).isTrue();
    large.close();
    second.close();
    assertThat(greedy.bytesInFlight()).hasValue(0);
    assertThat(greedy.callsInFlight()).hasValue(0);
  }

  private Reason refusal() {
    return catchThrowableOfType(RefusedException.class, () -> admission.enter(everybody)).reason();
  }
}
