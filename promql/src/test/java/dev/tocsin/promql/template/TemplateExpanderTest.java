package dev.tocsin.promql.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.Value;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplateExpanderTest {
  private static final TemplateData DATA =
      new TemplateData(
          Map.of("instance", "host.example:9100", "job", "api"),
          1234.5,
          Map.of("cluster", "eu"),
          "http://tocsin.example/prefix",
          1_500_000_000_000L);

  private final TemplateExpander expander =
      TemplateExpander.withQueries(
          expression ->
              List.of(
                  new Value.Sample(Labels.of("__name__", "m", "job", "b"), 0, 2, null),
                  new Value.Sample(Labels.of("__name__", "m", "job", "a"), 0, 1, null)));

  private String expand(String text) {
    return expander.expand("test", text, DATA);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      ignoreLeadingAndTrailingWhitespace = true,
      value = {
        "plain text ~ plain text",
        "{{ $labels.instance }} is down ~ host.example:9100 is down",
        "{{ .Labels.job }}-{{ .Value }} ~ api-1234.5",
        "[{{ $labels.missing }}] ~ []",
        "{{ $externalLabels.cluster }} {{ $externalURL }} ~ eu http://tocsin.example/prefix",
        "{{ $value | humanize }} ~ 1.234k",
        "{{ humanize 0.05 }} {{ humanize 0.0 }} {{ humanize -1234567.0 }} ~ 50m 0 -1.235M",
        "{{ humanize1024 1048576.0 }} ~ 1Mi",
        "{{ humanizeDuration 90061.0 }} {{ humanizeDuration 12.3456 }} {{ humanizeDuration 0.02 }} ~ 1d 1h 1m 1s 12.35s 20ms",
        "{{ humanizePercentage 0.1234567 }} ~ 12.35%",
        "{{ humanizeTimestamp 1435065584.128 }} ~ 2015-06-23 13:19:44.128 +0000 UTC",
        "{{ (toTime 0).Format \"2006-01-02T15:04:05Z07:00\" }} ~ 1970-01-01T00:00:00Z",
        "{{ toDuration 1800 }} {{ parseDuration \"1h2m\" }} ~ 30m0s 3720",
        "{{ now }} ~ 1.5e+09",
        "{{ printf \"%.2f %s %5d|%-4s|%03d %q %v\" 3.14159 \"x\" 42 \"ab\" 7 \"y\" 2.5 }} ~ 3.14 x    42|ab  |007 \"y\" 2.5",
        "{{ if gt $value 1000.0 }}big{{ else }}small{{ end }} ~ big",
        "{{ if and true (not false) }}yes{{ end }}{{ if or false \"\" }}no{{ end }} ~ yes",
        "{{ with $labels.job }}<{{ . }}>{{ end }} ~ <api>",
        "{{ range query \"m\" }}{{ .Labels.job }}={{ .Value }};{{ end }} ~ b=2;a=1;",
        "{{ range $i, $e := sortByLabel \"job\" (query \"m\") }}{{ $i }}{{ label \"job\" $e }}{{ end }} ~ 0a1b",
        "{{ query \"m\" | first | value }} ~ 2",
        "{{ range query \"m\" }}{{ break }}{{ else }}none{{ end }}x ~ x",
        "{{ define \"t\" }}[{{ . }}]{{ end }}{{ template \"t\" $labels.job }} ~ [api]",
        "{{ define \"t\" }}{{ .arg0 }}/{{ .arg1 }}{{ end }}{{ template \"t\" (args \"a\" 2) }} ~ a/2",
        "a {{- /* comment */ -}} b ~ ab",
        "a {{- 1 -}} b ~ a1b",
        "{{ $x := 1 }}{{ $x = 2 }}{{ $x }} ~ 2",
        "{{ title \"aaa bBB\" }} {{ toUpper \"x\" }} {{ toLower \"X\" }} ~ Aaa BBB X x",
        "{{ stripPort $labels.instance }} {{ stripDomain $labels.instance }} ~ host.example host:9100",
        "{{ match \"a.*c\" \"abbc\" }} {{ reReplaceAll \"b+\" \"-\" \"abbc\" }} ~ true a-c",
        "{{ reReplaceAll \"(a)(b)\" \"${2}$1\" \"ab\" }} ~ ba",
        "{{ graphLink \"up == 0\" }} ~ /graph?g0.expr=up+%3D%3D+0&g0.tab=0",
        "{{ tableLink \"up\" }} {{ externalURL }} {{ pathPrefix }} ~ /graph?g0.expr=up&g0.tab=1 http://tocsin.example/prefix /prefix",
        "{{ len $labels }} {{ index $labels \"job\" }} {{ eq 1 2 1 }} ~ 2 api true",
        "{{ print 1 2 \"x\" }} {{ urlQueryEscape \"a b\" }} ~ 1 2x a+b",
        "{{ $labels }} ~ map[instance:host.example:9100 job:api]",
        "{{ .Missing }} ~ <no value>",
        "{{ safeHtml \"<b>\" }}{{ if safeHtml \"\" }}y{{ end }} {{ printf \"%s %T\" (safeHtml \"<\") (safeHtml \"\") }} ~ <b> < template.HTML",
        "{{ (toTime 1435065584.128).Unix }} {{ (toTime 1435065584.128).UnixNano }} {{ (toTime 1435065584.128).Month }} ~ 1435065584 1435065584128000000 June",
        "{{ (toTime 1435065584.128).Format \"Mon Jan _2 15:04:05.000 MST 2006 3PM 3pm 1/2/06 4 5 002 .999 ,000 Z07 -07 -0700\" }} ~ Tue Jun 23 13:19:44.128 UTC 2015 1PM 1pm 6/23/15 19 44 174 .128 ,128 Z +00 +0000",
        "{{ (toTime 1435065584).Format \"15:04:05.000 15:04:05.999\" }} ~ 13:19:44.000 13:19:44",
        "{{ (toTime 0).Add (toDuration 90.5) }} ~ 1970-01-01 00:01:30.5 +0000 UTC",
        "{{ ((toTime 5).Sub (toTime 1)).Seconds }} {{ (toTime 5).Before (toTime 6) }} {{ (toTime 0).Compare (toTime 1) }} ~ 4 true -1",
        "{{ (toTime 1435065584.128).Truncate (toDuration 60) }} ~ 2015-06-23 13:19:00 +0000 UTC",
        "{{ (toTime 0).AddDate 0 1 1 }} {{ (toTime 0).IsZero }} {{ (toTime 0).Weekday }} ~ 1970-02-02 00:00:00 +0000 UTC false Thursday",
        "{{ (toDuration 3661.5).Minutes }} {{ (toDuration 3661.5).Hours }} {{ (toDuration 1.5).Milliseconds }} ~ 61.025 1.0170833333333333 1500",
        "{{ (toDuration 3661.5).Round (toDuration 60) }} {{ (toDuration 3661.5).Truncate (toDuration 60) }} {{ toDuration -90.5 }} ~ 1h1m0s 1h1m0s -1m30.5s",
        "{{ toDuration 0.0000015 }} {{ toDuration 0.02 }} {{ (toDuration 3661.5).String }} ~ 1.5µs 20ms 1h1m1.5s",
      })
  void template_expands(String template, String expected) {
    assertThat(expand(template)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "{{ $labels.x | unit4test }} ~ <error expanding template: error parsing template test: template: test:1: function \"unit4test\" not defined>",
        "{{ .Labels.x | | }} ~ missing value for command",
        "{{ if }} ~ missing value for if",
        "{{ range query \"m\" }} ~ unexpected EOF",
        "{{ $nope }} ~ undefined variable \"$nope\"",
        "{{ unclosed ~ <error expanding",
        "{{ template \"x\" }} ~ template \"x\" not defined",
        "{{ define \"t\" }}{{ template \"t\" }}{{ end }}{{ template \"t\" }} ~ exceeded maximum template depth",
        "{{ range 1000000 }}{{ range 1000000 }}x{{ end }}{{ end }} ~ more than 100000 steps",
        "{{ humanize \"x\" }} ~ strconv.ParseFloat",
        "{{ define \"t\" }}x{{ end }}{{ tmpl \"t\" . }} ~ function \"tmpl\" not defined",
        "{{ toUpper (safeHtml \"x\") }} ~ expected string; got template.HTML",
        "{{ (toTime 0).Nope }} ~ can't evaluate field Nope in type *time.Time",
        "{{ (toTime 0).Format }} ~ wrong number of args for Format: want 1 got 0",
        "{{ (toTime 0).AddDate 999999999 0 0 }} ~ out of range",
        "{{ reReplaceAll \"(\" \"\" \"\" }} ~ error calling reReplaceAll",
      })
  void badTemplate_becomesErrorText(String template, String message) {
    assertThat(expand(template)).startsWith("<error expanding template: ").contains(message);
  }

  @Test
  void check_findsSyntaxErrorsOnly() {
    assertThat(TemplateExpander.check("{{ $labels.a }} {{ query \"x\" | first }}")).isNull();
    assertThat(TemplateExpander.check("line\n{{ oops }}"))
        .isEqualTo("template: 2: function \"oops\" not defined");
  }
}
