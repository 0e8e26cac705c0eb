package dev.tocsin.promql.rules;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RuleTestsTest {
  private static final String RULES =
      """
      groups:
      - name: g
        rules:
        - record: job:up:sum
          expr: sum by (job) (up)
        - alert: Down
          expr: up == 0
          for: 2m
          labels: {severity: page}
          annotations:
            summary: "{{ $labels.instance }} is {{ $value }}"
      """;

  private static final String TESTS =
      """
      rule_files: [rules.yml]
      evaluation_interval: 1m
      tests:
      - interval: 1m
        input_series:
        - series: 'up{job="a", instance="x"}'
          values: '1 0x4 1'
        - series: 'up{job="a", instance="y"}'
          values: '1+0x5'
        alert_rule_test:
        - eval_time: 2m
          alertname: Down
        - eval_time: 3m
          alertname: Down
          exp_alerts:
          - exp_labels: {severity: page, job: a, instance: x}
            exp_annotations: {summary: "x is 0"}
        - eval_time: 6m
          alertname: Down
        promql_expr_test:
        - expr: job:up:sum
          eval_time: 3m
          exp_samples:
          - labels: 'job:up:sum{job="a"}'
            value: 1
        - expr: ALERTS
          eval_time: 4m
          exp_samples:
          - labels: 'ALERTS{alertname="Down", alertstate="firing", job="a", instance="x", severity="page"}'
            value: 1
      """;

  @Test
  void passingTests_giveNoFailures() {
    assertThat(RuleTests.run(TESTS, name -> RULES)).isEmpty();
  }

  @Test
  void failingTests_areNamedWithTheirLine() {
    assertThat(RuleTests.run(TESTS.replace("x is 0", "x is 1"), name -> RULES))
        .singleElement()
        .satisfies(
            failure -> {
              assertThat(failure.line()).isEqualTo(13);
              assertThat(failure.message()).contains("x is 1").contains("x is 0");
            });
    assertThat(RuleTests.run(TESTS, name -> "groups: 5")).isNotEmpty();
    assertThat(RuleTests.run("tests: [", name -> RULES)).isNotEmpty();
  }
}
