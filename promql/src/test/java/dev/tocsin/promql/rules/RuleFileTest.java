package dev.tocsin.promql.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RuleFileTest {
  @Test
  void goodFile_givesGroups() {
    RuleFileResult result =
        RuleFile.parse(
            """
            # comment
            groups:
              - name: api   # trailing
                interval: 30s
                limit: 10
                query_offset: 1m
                labels: {team: core, severity: info}
                rules:
                - record: job:up:sum
                  expr: sum by (job) (up)
                - alert: Down
                  expr: |
                    up == 0
                      and on () vector(1)
                  for: 5m
                  keep_firing_for: 1h30m
                  labels:
                    severity: page
                  annotations:
                    summary: "{{ $labels.instance }} is \\"down\\""
                    description: >-
                      folded
                      text

                      second
              - name: empty
                rules: []
            """);
    assertThat(result.problems()).isEmpty();
    assertThat(result.groups()).hasSize(2);
    RuleGroup group = result.groups().get(0);
    assertThat(group.interval()).isEqualTo(Duration.ofSeconds(30));
    assertThat(group.queryOffset()).isEqualTo(Duration.ofMinutes(1));
    assertThat(group.limit()).isEqualTo(10);
    AlertingRule alert = (AlertingRule) group.rules().get(1);
    assertThat(alert.forDuration()).isEqualTo(Duration.ofMinutes(5));
    assertThat(alert.keepFiringFor()).isEqualTo(Duration.ofMinutes(90));
    assertThat(alert.labels()).containsEntry("severity", "page").containsEntry("team", "core");
    assertThat(alert.annotations())
        .containsEntry("summary", "{{ $labels.instance }} is \"down\"")
        .containsEntry("description", "folded text\nsecond");
    assertThat(alert.query()).isEqualTo("up == 0\n  and on () vector(1)\n");
    assertThat(alert.line()).isEqualTo(11);
  }

  @Test
  void badFile_namesEveryProblemWithItsLine() {
    RuleFileResult result =
        RuleFile.parse(
            """
            groups:
            - name: a
              intervall: 1m
              rules:
              - record: x
                alert: y
                expr: up
              - record: r
                for: 1m
                expr: sum(
              - alert: z
                expr: up
                labels:
                  l: "{{ nope }}"
              - expr: up
            - name: a
              interval: soon
              rules:
              - record: ok
                expr: up[5m]
            """);
    assertThat(result.problems())
        .extracting(RuleFileResult.Problem::toString)
        .satisfiesExactly(
            p -> assertThat(p).startsWith("3: field intervall not found"),
            p ->
                assertThat(p)
                    .startsWith("5:")
                    .contains("only one of 'record' and 'alert' must be set"),
            p -> assertThat(p).startsWith("9:").contains("invalid field 'for' in recording rule"),
            p ->
                assertThat(p)
                    .startsWith("10:")
                    .contains("could not parse expression: 1:5: parse error"),
            p -> assertThat(p).startsWith("14:").contains("function \"nope\" not defined"),
            p -> assertThat(p).startsWith("15:").contains("one of 'record' or 'alert' must be set"),
            p ->
                assertThat(p)
                    .startsWith("16:")
                    .contains("groupname: \"a\" is repeated in the same file"),
            p -> assertThat(p).startsWith("17:").contains("not a valid duration string: \"soon\""),
            p ->
                assertThat(p).startsWith("20:").contains("query result is not a vector or scalar"));
  }

  @Test
  void malformedYaml_isOneProblem() {
    assertThat(RuleFile.parse("groups:\n- name: a\n   x: [1\n").problems()).hasSize(1);
    assertThat(RuleFile.parse("groups:\n\t- name: a\n").problems())
        .singleElement()
        .satisfies(p -> assertThat(p.line()).isEqualTo(2));
  }

  @Test
  void duplicateRules_areHinted() {
    RuleFileResult result =
        RuleFile.parse(
            "groups:\n- name: a\n  rules:\n  - {record: r, expr: up}\n  - {record: r, expr: up}\n");
    assertThat(result.ok()).isTrue();
    assertThat(result.hints()).singleElement().satisfies(h -> assertThat(h.line()).isEqualTo(5));
  }
}
