package dev.tocsin.promql.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What is expected here is what Go's html/template gives, except that literal text stays as
 * written: Go escapes a lone {@code <} and drops comments.
 */
class HtmlExpansionTest {
  private static final TemplateData DATA =
      new TemplateData(
          Map.of(
              "x", "<a b='c'>&\"+",
              "u", "/graph?a=b c&d",
              "j", "javascript:alert(1)",
              "java", "java",
              "script", "script:alert(1)",
              "s", "x y\"'<>"),
          1.5,
          Map.of(),
          "http://tocsin.example",
          0);

  private static String expand(String template) {
    return TemplateExpander.withoutQueries().expandHtmlOrThrow("test", template, DATA);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "<p>{{ $labels.x }}</p> ~ <p>&lt;a b=&#39;c&#39;&gt;&amp;&#34;&#43;</p>",
        "<b>{{ $value }} {{ true }}</b> ~ <b>1.5 true</b>",
        "<a title=\"{{ $labels.x }}\"> ~ <a title=\"&lt;a b=&#39;c&#39;&gt;&amp;&#34;&#43;\">",
        "<a class='{{ $labels.x }}'> ~ <a class='&lt;a b=&#39;c&#39;&gt;&amp;&#34;&#43;'>",
        "<a href=\"{{ $labels.u }}\"> ~ <a href=\"/graph?a=b%20c&amp;d\">",
        "<a href=\"{{ $labels.j }}\"> ~ <a href=\"#ZgotmplZ\">",
        "<a href=\"{{ $labels.java }}{{ $labels.script }}\"> ~ <a href=\"java#ZgotmplZ\">",
        "<a href=\"/x?q={{ $labels.s }}&z=1\"> ~ <a href=\"/x?q=x%20y%22%27%3c%3e&z=1\">",
        "<a href=\"/p/{{ $labels.s }}\"> ~ <a href=\"/p/x%20y%22%27%3c%3e\">",
        "<a href=\"{{ graphLink `up == 0` }}\">x</a> ~ <a href=\"/graph?g0.expr=up&#43;%3D%3D&#43;0&amp;g0.tab=0\">x</a>",
        "{{ safeHtml $labels.x }} ~ <a b='c'>&\"+",
        "<a title=\"{{ safeHtml $labels.x }}\"> ~ <a title=\"&&#34;&#43;\">",
        "{{ $labels.x | html }} ~ &lt;a b=&#39;c&#39;&gt;&amp;&#34;+",
        "[{{ $labels.none }}{{ .None }}] ~ []",
        "{{ define \"d\" }}<i>{{ . }}</i>{{ end }}{{ template \"d\" $labels.s }} ~ <i>x y&#34;&#39;&lt;&gt;</i>",
        "{{ define \"d1\" }}<i>{{ .arg0 }}</i>{{ end }}{{ tmpl (printf \"d%d\" 1) (args \"<\") }} ~ <i>&lt;</i>",
        "<textarea>{{ $labels.s }}</textarea> ~ <textarea>x y&#34;&#39;&lt;&gt;</textarea>",
        "a < b {{ $labels.java }} ~ a < b java",
        "<script>1 < 2</script><p>{{ $labels.java }} ~ <script>1 < 2</script><p>java",
      })
  void html_escapesForItsPlace(String template, String expected) {
    assertThat(expand(template)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "<script>{{ $labels.x }}</script>",
        "<style>{{ $labels.x }}</style>",
        "<a onclick=\"{{ $labels.x }}\">",
        "<a style=\"{{ $labels.x }}\">",
        "<a title={{ $labels.x }}>",
        "<a {{ $labels.x }}>",
        "<{{ $labels.x }}>",
        "<!-- {{ $labels.x }} -->",
        "<img srcset=\"{{ $labels.x }}\">",
      })
  void html_refusesValuesWhereTheyCouldBecomeCode(String template) {
    assertThatThrownBy(() -> expand(template))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("not supported");
  }

  @Test
  void tmpl_isBounded() {
    assertThatThrownBy(
            () -> expand("{{ define \"t\" }}{{ tmpl \"t\" . }}{{ end }}{{ tmpl \"t\" . }}"))
        .hasMessageContaining("exceeded maximum template depth");
    assertThatThrownBy(() -> expand("{{ tmpl \"none\" . }}"))
        .hasMessageContaining("template \"none\" not defined");
  }
}
