package dev.tocsin.promql.differential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tocsin.promql.rules.RuleFile;
import dev.tocsin.promql.rules.RuleFileResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rule files that {@code promtool check rules} must judge as we do. What 2.42 does not know yet
 * (query_offset, labels of groups, UTF-8 names) is left out.
 */
class RuleCheckTest {
  private static final List<String> GOOD =
      List.of(
          "",
          "groups:\n",
          "groups: []\n",
          group("- {record: 'job:up:sum', expr: 'sum by (job) (up)'}"),
          group("- {record: r, expr: '1'}", "- {record: r, expr: '1'}"),
          group(
              "- alert: Down",
              "  expr: up == 0",
              "  for: 5m",
              "  keep_firing_for: 1h30m",
              "  labels: {severity: page}",
              "  annotations:",
              "    summary: '{{ $labels.instance }} {{ $value | humanize }}'",
              "    link: '{{ graphLink \"up\" }} {{ safeHtml \"<b>\" }} {{ args 1 2 }}'"),
          group(
              "- alert: Text",
              "  expr: |",
              "    rate(m_total{a=~\"b.*\"}[5m])",
              "      > on (job) group_left () vector(1)",
              "  annotations:",
              "    d: >-",
              "      {{ range query \"up\" }}{{ .Labels.job }}{{ else }}none{{ end }}",
              "      {{ (toTime $value).Format \"2006\" }}"),
          "groups:\n- name: a\n  interval: 1d12h\n  limit: 5\n  rules: []\n- name: b\n");

  private static final List<String> BAD =
      List.of(
          "groups: {}\nmore: 1\n",
          "groups:\n- name: ''\n",
          "groups:\n- name: a\n- name: a\n",
          "groups:\n- name: a\n  intervall: 1m\n",
          "groups:\n- name: a\n  interval: soon\n",
          "groups:\n- name: a\n  limit: many\n",
          "groups:\n- name: [a\n",
          "groups:\n\t- name: a\n",
          group("- {record: r, alert: a, expr: up}"),
          group("- {expr: up}"),
          group("- {record: r}"),
          group("- {record: r, expr: 'sum('}"),
          group("- {record: r, expr: 'rate(up)'}"),
          group("- {record: r, expr: up, for: 1m}"),
          group("- {record: r, expr: up, keep_firing_for: 1m}"),
          group("- {record: r, expr: up, annotations: {a: b}}"),
          group("- {record: r, expr: up, labels: {__name__: b}}"),
          group("- {alert: a, expr: up, for: 5}"),
          group("- {alert: a, expr: up, labels: {l: '{{ nope }}'}}"),
          group("- {alert: a, expr: up, annotations: {l: '{{ $labels.x '}}"),
          group("- {alert: a, expr: up, annotations: {l: '{{ $nope }}'}}"),
          group("- {alert: a, expr: up, annotations: {l: '{{ tmpl \"x\" . }}'}}"),
          group("- {alert: a, expr: up, annotations: {l: '{{ if }}x{{ end }}'}}"),
          group("- {alert: a, expr: up, annotation: {l: x}}"));

  @TempDir Path work;

  private static String group(String... lines) {
    return "groups:\n- name: g\n  rules:\n  " + String.join("\n  ", lines) + "\n";
  }

  @Test
  void goodAndBadFiles_areTold() {
    assertThat(GOOD).allSatisfy(file -> assertThat(RuleFile.parse(file).problems()).isEmpty());
    assertThat(BAD).allSatisfy(file -> assertThat(RuleFile.parse(file).ok()).isFalse());
  }

  @Test
  void verdicts_agreeWithPromtool() throws IOException, InterruptedException {
    Path promtool = PrometheusProcess.find("promtool");
    assumeTrue(
        promtool != null, "skipped: no promtool on the search path (Debian package prometheus)");
    if (promtool == null) {
      return;
    }
    List<String> files = new ArrayList<>(GOOD);
    files.addAll(BAD);
    List<String> differences = new ArrayList<>();
    for (int i : IntStream.range(0, files.size()).toArray()) {
      Path file = Files.writeString(work.resolve("rules" + i + ".yml"), files.get(i));
      Process process =
          new ProcessBuilder(promtool.toString(), "check", "rules", file.toString())
              .redirectErrorStream(true)
              .start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      boolean theirs = process.waitFor() == 0;
      RuleFileResult ours = RuleFile.parse(files.get(i));
      if (ours.ok() != theirs) {
        differences.add(files.get(i) + "\nours: " + ours.problems() + "\ntheirs: " + output);
      }
    }
    System.out.printf("rule check: %d files, %d differ%n", files.size(), differences.size());
    assertThat(differences).isEmpty();
  }
}
