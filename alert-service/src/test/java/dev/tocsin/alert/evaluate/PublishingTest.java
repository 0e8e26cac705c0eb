package dev.tocsin.alert.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.alert.evaluate.group.AlertSize;
import dev.tocsin.alert.window.Selection;
import dev.tocsin.alert.window.WindowFeed;
import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertStateRecord;
import dev.tocsin.common.contract.RuleGroupRecord;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.StaleMarker;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Nothing that cannot be published keeps anything else from being heard. */
class PublishingTest extends EvaluationFixture {
  private static String alert(String name, String expr) {
    return group("- alert: %s\n  expr: %s\n".formatted(name, expr));
  }

  private void twoGroups() {
    define("file/a", alert("A", "base > 5"));
    define("file/b", alert("B", "base > 5"));
    tick(0);
  }

  @Test
  void alerts_goOutBeforeSeries() {
    define("file/g", group("- record: r\n  expr: base\n- alert: Big\n  expr: base > 5\n"));
    tick(0);
    recorder.order.clear();
    gauge(1, 9, "__name__", "base");
    tick(1);
    assertThat(recorder.order).containsExactly("alerts", "samples");
  }

  @Test
  void seriesThatAreRefused_stopNoAlert_andNoOtherSeries() {
    define("file/a", group("- record: bad\n  expr: base\n- record: good\n  expr: base\n"));
    define("file/b", alert("B", "base > 5"));
    tick(0);
    recorder.refusingSamples = sample -> sample.labels().metricName().equals("bad");
    gauge(1, 9, "__name__", "base");
    tick(1);
    assertThat(firing("B")).hasSize(1);
    assertThat(published("good")).hasSize(1);
    assertThat(published("ALERTS")).hasSize(1);
    assertThat(published("bad")).isEmpty();
    assertThat(evaluator.problems())
        .singleElement()
        .asString()
        .contains("1 samples are refused, such as bad");
    assertThat(meters.get("tocsin.recorded.samples.left.out").counter().count()).isEqualTo(1);
  }

  @Test
  void seriesTooLargeForARecord_isLeftOutAndNamedByItsRule() {
    define("file/g", group("- record: r\n  expr: base\n- alert: Big\n  expr: base > 5\n"));
    tick(0);
    gauge(1, 9, "__name__", "base");
    gauge(1, 9, "__name__", "base", "long", "x".repeat(300_000));
    tick(1);
    assertThat(published("r")).hasSize(1);
    assertThat(rule(0, 0).error()).startsWith("1 of 2 series are left out").hasSizeLessThan(1_000);
    assertThat(firing("Big")).hasSize(2);
  }

  @Test
  void refusedAlert_isPutAside_andAllOthersAreHeard() {
    twoGroups();
    recorder.refusing =
        notice ->
            notice.rule().equals("A")
                && notice.state() != null
                && "1".equals(notice.state().labels().get("i"));
    for (int i = 0; i < 4; i++) {
      gauge(1, 9, "__name__", "base", "i", "" + i);
    }
    tick(1);
    assertThat(firing("A")).hasSize(3);
    assertThat(firing("B")).hasSize(4);
    assertThat(recorder.heartbeats.stream().filter(beat -> beat.at().equals(instant(10))))
        .isEmpty();
    assertThat(meters.get("tocsin.alert.put.aside").tag("group", "file/a").counter().count())
        .isEqualTo(1);
    assertThat(evaluator.problems())
        .singleElement()
        .asString()
        .contains("rule A of file/a")
        .contains("put aside");
    tick(5);
    assertThat(firing("TocsinAlertPutAside")).hasSize(1);
    recorder.refusing = notice -> false;
    tick(62);
    assertThat(evaluator.problems()).isEmpty();
    assertThat(firing("A")).filteredOn(e -> "1".equals(e.labels().get("i"))).hasSize(1);
  }

  @Test
  void worldThatFailsForOneGroupOnly_doesNotSilenceTheOthers() {
    twoGroups();
    gauge(1, 9, "__name__", "base");
    recorder.refusing =
        notice -> {
          if (notice.group().equals("file/a")) {
            throw new IllegalStateException("no leader for partition 3");
          }
          return false;
        };
    for (int second = 1; second <= 6; second++) {
      tick(second);
    }
    assertThat(firing("A")).isEmpty();
    assertThat(firing("B")).hasSize(1);
    assertThat(evaluator.publishProblem()).contains("no leader for partition 3");
    recorder.refusing = notice -> false;
    tick(7);
    assertThat(firing("A")).hasSize(1);
    assertThat(firing("B")).hasSize(1);
  }

  @Test
  void commitWhoseAnswerWasLost_isReadBack_andSaidOnce() {
    define("file/g", alert("Big", "base > 5"));
    tick(0);
    gauge(1, 9, "__name__", "base");
    recorder.answerLost = true;
    tick(1);
    recorder.answerLost = false;
    gauge(2, 9, "__name__", "base");
    tick(2);
    tick(3);
    assertThat(firing("Big")).hasSize(1);
    gauge(4, 1, "__name__", "base");
    tick(4);
    assertThat(resolved("Big")).hasSize(1);
    assertThat(resolved("Big").get(0).startsAt()).isEqualTo(instant(1));
  }

  @Test
  void commitThatWasLost_isReadBack_andSaidAgain() {
    define("file/g", alert("Big", "base > 5"));
    tick(0);
    gauge(1, 9, "__name__", "base");
    recorder.requestLost = true;
    tick(1);
    recorder.requestLost = false;
    recorder.statesAway = true;
    tick(2);
    tick(3);
    assertThat(firing("Big")).isEmpty();
    assertThat(evaluator.problems()).anySatisfy(p -> assertThat(p).contains("not read yet"));
    recorder.statesAway = false;
    tick(4);
    assertThat(firing("Big")).hasSize(1);
    assertThat(firing("Big").get(0).startsAt()).isEqualTo(instant(4));
  }

  @Test
  void endOfADeletedAlert_isSaidOnce_whenItsCommitsAnswerWasLost() {
    define("file/g", alert("Big", "base > 5"));
    tick(0);
    gauge(1, 9, "__name__", "base");
    tick(1);
    ownership.group(0, "file/g", Optional.empty());
    recorder.answerLost = true;
    tick(2);
    recorder.answerLost = false;
    tick(3);
    tick(4);
    assertThat(resolved("Big")).hasSize(1);
    assertThat(recorder.states).isEmpty();
  }

  @Test
  void endOfASeries_isPublishedLater_whenItCouldNotBeAtOnce() {
    define("file/g", group("- record: r\n  expr: base\n"));
    tick(0);
    gauge(1, 9, "__name__", "base");
    tick(1);
    gauge(2, StaleMarker.VALUE, "__name__", "base");
    recorder.failing = true;
    tick(2);
    recorder.failing = false;
    tick(3);
    assertThat(published("r")).hasSize(2);
    assertThat(StaleMarker.is(published("r").get(1).value())).isTrue();
  }

  @Test
  void poisonedStoredState_costsItselfOnly() {
    AlertStateRecord poisoned =
        new AlertStateRecord(
            "file/g",
            "Big",
            "1",
            Map.of(),
            Map.of(),
            "melting",
            Instant.EPOCH,
            null,
            null,
            null,
            null,
            "1");
    recorder.states.put(poisoned.key(), poisoned);
    define("file/g", alert("Big", "base > 5"));
    tick(0);
    gauge(1, 9, "__name__", "base");
    tick(1);
    assertThat(firing("Big")).hasSize(1);
  }

  @Test
  void poisonedDefinition_costsItselfOnly_andIsNamed() {
    ownership.group(0, "file/x", Optional.of(new RuleGroupRecord("x", "file", null)));
    define("file/g", alert("Big", "base > 5"));
    tick(0);
    gauge(1, 9, "__name__", "base");
    tick(1);
    assertThat(firing("Big")).hasSize(1);
    assertThat(evaluator.problems()).singleElement().asString().contains("file/x is not usable");
  }

  @Test
  void labelTemplateThatFails_keepsTheAlertItWas() {
    String yaml =
        group(
            """
            - alert: Big
              expr: base > 5
              labels:
                owner: '{{ with query "owner" }}{{ . | first | label "name" }}{{ end }}'
            - record: keep
              expr: owner
            """);
    define("file/g", yaml);
    tick(0);
    gauge(1, 9, "__name__", "base");
    gauge(1, 1, "__name__", "owner", "name", "ann");
    tick(1);
    assertThat(firing("Big").get(0).labels()).containsEntry("owner", "ann");
    define("file/g", yaml.replace("query \"owner\"", "query \"sum(\""));
    tick(2);
    assertThat(rule(0, 0).error()).contains("label {owner=<error expanding template");
    assertThat(resolved("Big")).isEmpty();
    assertThat(firing("Big")).hasSize(1);
    gauge(3, 9, "__name__", "base", "new", "yes");
    tick(3);
    assertThat(firing("Big")).hasSize(2);
    assertThat(firing("Big").get(1).labels().get("owner")).startsWith("<error expanding");
  }

  @Test
  void hugeLabels_areCutVisibly_andStayTwoAlerts() {
    define("file/g", alert("Big", "base > 5"));
    tick(0);
    gauge(1, 9, "__name__", "base", "long", "x".repeat(200_000) + "1");
    gauge(1, 9, "__name__", "base", "long", "x".repeat(200_000) + "2");
    tick(1);
    assertThat(firing("Big")).hasSize(2);
    assertThat(firing("Big"))
        .allSatisfy(
            event -> {
              assertThat(event.labels().get("long")).contains("(cut from 200001 bytes, #");
              assertThat(event.encode()).hasSizeLessThan(200_000);
            });
  }

  @Test
  void manyLabels_areCutVisibly() {
    Labels.Builder many = Labels.builder().put("alertname", "x");
    for (int i = 0; i < 5_000; i++) {
      many.put("label_" + i, "value " + i + " of many");
    }
    Labels cut = AlertSize.labels(many.build());
    assertThat(AlertSize.bytes(cut)).isLessThanOrEqualTo(AlertSize.LABELS_BYTES_MAX);
    assertThat(cut.get("alertname")).isEqualTo("x");
    assertThat(cut.get(AlertSize.CUT_LABEL)).contains("labels, #");
    assertThat(AlertSize.labels(many.put("label_77", "z").build())).isNotEqualTo(cut);
  }

  @Test
  void revokedMeanwhile_isNotSpokenFor() {
    define("file/g", alert("Big", "base > 5"));
    tick(0);
    gauge(1, 9, "__name__", "base");
    recorder.refusing =
        notice -> {
          throw new AssertionError("said although it is somebody else's");
        };
    evaluator =
        evaluation.evaluator(recorder, losing(), recorder, meters, new Activity(System::nanoTime));
    tick(1);
    assertThat(recorder.events).extracting(AlertEvent::rule).doesNotContain("Big");
  }

  /**
   * A process that was taken for dead and has joined again may speak again, but not say what it had
   * meant to say before.
   */
  @Test
  void whatIsTriedAgainInATurn_isStillSaidAsWhoMeantIt() {
    define("file/a", alert("Big", "base > 5"));
    define("file/b", alert("Large", "base > 6"));
    tick(0);
    recorder.refusing = notice -> notice.event() != null;
    gauge(1, 9, "__name__", "base");
    recorder.spokenAs.clear();
    tick(1);
    assertThat(recorder.spokenAs).hasSizeGreaterThan(2).containsOnly(recorder.voices);
  }

  /** Takes the group away between the look at the ownership and the publication. */
  private WindowFeed losing() {
    return new WindowFeed() {
      @Override
      public void follow(Selection selection) {
        feed.follow(selection);
      }

      @Override
      public Fill fill() {
        ownership.assigned(List.of(0));
        return feed.fill();
      }
    };
  }
}
