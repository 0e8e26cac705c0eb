package dev.tocsin.promql.template;

import dev.tocsin.promql.parse.Durations;
import dev.tocsin.promql.regex.Regex;
import dev.tocsin.promql.series.Value;
import dev.tocsin.promql.text.PromqlException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The functions a template may call: Go's own and Prometheus's. */
final class TemplateFunctions {
  static final Set<String> NAMES =
      Set.of(
          "query",
          "first",
          "label",
          "value",
          "strvalue",
          "sortByLabel",
          "args",
          "tmpl",
          "humanize",
          "humanize1024",
          "humanizeDuration",
          "humanizePercentage",
          "humanizeTimestamp",
          "toTime",
          "toDuration",
          "now",
          "parseDuration",
          "title",
          "toUpper",
          "toLower",
          "stripPort",
          "stripDomain",
          "match",
          "reReplaceAll",
          "urlQueryEscape",
          "safeHtml",
          "graphLink",
          "tableLink",
          "externalURL",
          "pathPrefix",
          "and",
          "or",
          "not",
          "len",
          "index",
          "slice",
          "print",
          "printf",
          "println",
          "eq",
          "ne",
          "lt",
          "le",
          "gt",
          "ge",
          "html",
          "js",
          "urlquery");

  private final TemplateQuery query;
  private final TemplateData data;

  TemplateFunctions(TemplateQuery query, TemplateData data) {
    this.query = query;
    this.data = data;
  }

  @Nullable Object call(String name, List<@Nullable Object> args) {
    return switch (name) {
      case "query", "first", "label", "value", "strvalue", "sortByLabel" -> ofQuery(name, args);
      case "humanize" -> Humanize.decimal(number(name, args));
      case "humanize1024" -> Humanize.binary(number(name, args));
      case "humanizeDuration" -> Humanize.duration(number(name, args));
      case "humanizePercentage" -> Humanize.percentage(number(name, args));
      case "humanizeTimestamp" -> Humanize.timestamp(number(name, args));
      case "toTime" -> GoTime.ofSeconds(number(name, args));
      case "toDuration" -> GoDuration.ofSeconds(number(name, args));
      case "now" -> data.timestampMs() / 1000.0;
      case "parseDuration" -> parseDuration(text(name, args, 0));
      case "args" -> named(args);
      case "externalURL" -> data.externalUrl();
      case "pathPrefix" -> pathPrefix();
      case "not" -> !Scalars.truth(argument(name, args, 0));
      case "eq", "ne", "lt", "le", "gt", "ge" -> compared(name, args);
      case "len", "index", "slice" -> Collections.call(name, args);
      case "print" -> joined(args, false);
      case "println" -> joined(args, true) + "\n";
      case "printf" -> GoFormat.format(text(name, args, 0), args.subList(1, args.size()));
      default -> ofText(name, args);
    };
  }

  private @Nullable Object ofQuery(String name, List<@Nullable Object> args) {
    return switch (name) {
      case "query" -> runQuery(text(name, args, 0));
      case "first" -> {
        List<?> list = samples(name, argument(name, args, 0));
        if (list.isEmpty()) {
          throw new TemplateException(
              "error calling first: first() called on vector with no elements");
        }
        yield list.get(0);
      }
      case "label" ->
          sample(name, argument(name, args, 1)).labels().getOrDefault(text(name, args, 0), "");
      case "value" -> sample(name, argument(name, args, 0)).value();
      case "strvalue" ->
          sample(name, argument(name, args, 0)).labels().getOrDefault("__value__", "");
      default -> {
        String label = text(name, args, 0);
        List<TemplateSample> sorted = new ArrayList<>();
        samples(name, argument(name, args, 1)).forEach(item -> sorted.add(sample(name, item)));
        sorted.sort(Comparator.comparing(item -> item.labels().getOrDefault(label, "")));
        yield sorted;
      }
    };
  }

  private List<TemplateSample> runQuery(String expression) {
    List<TemplateSample> result = new ArrayList<>();
    try {
      for (Value.Sample sample : query.query(expression)) {
        result.add(TemplateSample.of(sample));
      }
    } catch (RuntimeException e) {
      throw new TemplateException("error calling query: " + e.getMessage());
    }
    return result;
  }

  private static List<?> samples(String name, @Nullable Object value) {
    if (value instanceof List<?> list) {
      return list;
    }
    throw new TemplateException("wrong type for value; expected query result in " + name);
  }

  private static TemplateSample sample(String name, @Nullable Object value) {
    if (value instanceof TemplateSample sample) {
      return sample;
    }
    throw new TemplateException(
        "wrong type for value; expected *template.sample; got "
            + Scalars.typeName(value)
            + " in "
            + name);
  }

  private Object ofText(String name, List<@Nullable Object> args) {
    String text = text(name, args, args.size() - 1);
    return switch (name) {
      case "safeHtml" -> new SafeHtml(text);
      case "title" -> title(text);
      case "toUpper" -> text.toUpperCase(Locale.ROOT);
      case "toLower" -> text.toLowerCase(Locale.ROOT);
      case "stripPort" -> Hosts.stripPort(text);
      case "stripDomain" -> Hosts.stripDomain(text);
      case "match" -> regex(name, text(name, args, 0)).find(text);
      case "reReplaceAll" -> regex(name, text(name, args, 0)).replaceAll(text, text(name, args, 1));
      case "urlQueryEscape", "urlquery" -> escaped(text);
      case "graphLink" -> "/graph?g0.expr=" + escaped(text) + "&g0.tab=0";
      case "tableLink" -> "/graph?g0.expr=" + escaped(text) + "&g0.tab=1";
      case "html" ->
          text.replace("&", "&amp;")
              .replace("'", "&#39;")
              .replace("<", "&lt;")
              .replace(">", "&gt;")
              .replace("\"", "&#34;");
      case "js" ->
          text.replace("\\", "\\\\")
              .replace("'", "\\'")
              .replace("\"", "\\\"")
              .replace("\n", "\\u000A");
      default -> text;
    };
  }

  private static Regex regex(String function, String pattern) {
    try {
      return Regex.compile(pattern);
    } catch (PromqlException e) {
      throw new TemplateException("error calling " + function + ": " + e.getMessage());
    }
  }

  private static String escaped(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("*", "%2A").replace("%7E", "~");
  }

  /** Upper-cases the first letter of each word and leaves the rest. */
  private static String title(String text) {
    StringBuilder out = new StringBuilder();
    boolean inWord = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.append(inWord ? c : Character.toTitleCase(c));
      inWord = Character.isLetterOrDigit(c) || c == '_' || c == '\'';
    }
    return out.toString();
  }

  private static Object parseDuration(String text) {
    boolean negative = text.startsWith("-");
    Long millis = Durations.parseMillis(negative ? text.substring(1) : text);
    if (millis == null) {
      throw new TemplateException(
          "error calling parseDuration: not a valid duration string: \"" + text + "\"");
    }
    return (negative ? -millis : millis) / 1000.0;
  }

  private static Map<String, Object> named(List<@Nullable Object> args) {
    Map<String, Object> map = new TreeMap<>();
    for (int i = 0; i < args.size(); i++) {
      Object value = args.get(i);
      if (value != null) {
        map.put("arg" + i, value);
      }
    }
    return map;
  }

  private String pathPrefix() {
    try {
      String path = URI.create(data.externalUrl()).getPath();
      return path == null ? "" : path;
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private static boolean compared(String name, List<@Nullable Object> args) {
    Object first = argument(name, args, 0);
    Object second = argument(name, args, 1);
    switch (name) {
      case "eq" -> {
        for (Object other : args.subList(1, args.size())) {
          if (Scalars.equal(first, other)) {
            return true;
          }
        }
        return false;
      }
      case "ne" -> {
        return !Scalars.equal(first, second);
      }
      default -> {
        int order = Scalars.compare(first, second);
        return switch (name) {
          case "lt" -> order == -1;
          case "le" -> order == -1 || order == 0;
          case "gt" -> order == 1;
          default -> order == 1 || order == 0;
        };
      }
    }
  }

  /** Go's Sprint puts a space between operands when neither is a string; Sprintln always. */
  private static String joined(List<@Nullable Object> args, boolean always) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < args.size(); i++) {
      boolean strings =
          i > 0 && (args.get(i) instanceof String || args.get(i - 1) instanceof String);
      out.append(i > 0 && (always || !strings) ? " " : "").append(Scalars.print(args.get(i)));
    }
    return out.toString();
  }

  static @Nullable Object argument(String function, List<@Nullable Object> args, int index) {
    if (index < 0 || index >= args.size()) {
      throw new TemplateException(
          "wrong number of args for "
              + function
              + ": want "
              + (Math.max(0, index) + 1)
              + " got "
              + args.size());
    }
    return args.get(index);
  }

  private static double number(String function, List<@Nullable Object> args) {
    return Scalars.toDouble(function, argument(function, args, 0));
  }

  private static String text(String function, List<@Nullable Object> args, int index) {
    Object value = argument(function, args, index);
    if (value instanceof String text) {
      return text;
    } else if (function.equals("html") || function.equals("js") || function.equals("urlquery")) {
      return Scalars.print(value);
    }
    throw new TemplateException(
        "wrong type for value; expected string; got "
            + Scalars.typeName(value)
            + " in "
            + function);
  }
}
