package dev.tocsin.incident.domain;

import static dev.tocsin.incident.domain.Relevance.superseded;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RelevanceTest {
  @Test
  void page_isDropped_onceSomebodyAnswered() {
    assertThat(superseded(Transition.ESCALATED, Status.TRIGGERED, false)).isEmpty();
    assertThat(superseded(Transition.ESCALATED, Status.ACKNOWLEDGED, false))
        .contains("the incident is acknowledged");
    assertThat(superseded(Transition.TRIGGERED, Status.RESOLVED, true)).isPresent();
  }

  @Test
  void acknowledgement_isDropped_whenTheIncidentIsResolved() {
    assertThat(superseded(Transition.ACKNOWLEDGED, Status.ACKNOWLEDGED, true)).isEmpty();
    assertThat(superseded(Transition.ACKNOWLEDGED, Status.RESOLVED, true)).isPresent();
  }

  @Test
  void update_isDropped_whereNobodyWasPaged() {
    assertThat(superseded(Transition.RESOLVED, Status.RESOLVED, true)).isEmpty();
    assertThat(superseded(Transition.RESOLVED, Status.RESOLVED, false))
        .contains("nobody was paged there");
  }
}
