package dev.tocsin.promql.differential;

import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.text.Numbers;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Reads the one shape of JSON that a range query answers with. */
final class JsonMatrix {
  private final String json;
  private int at;

  private JsonMatrix(String json) {
    this.json = json;
  }

  /** Values by series and time in milliseconds. */
  static Map<Labels, Map<Long, Double>> parse(String json) {
    int start = json.indexOf("\"result\":[");
    JsonMatrix reader = new JsonMatrix(json);
    reader.at = start + "\"result\":[".length();
    Map<Labels, Map<Long, Double>> result = new HashMap<>();
    while (reader.json.charAt(reader.at) == '{') {
      reader.skip("{\"metric\":");
      Labels labels = reader.labels();
      reader.skip(",\"values\":[");
      Map<Long, Double> points = new TreeMap<>();
      while (reader.take('[')) {
        int comma = json.indexOf(',', reader.at);
        long time = Math.round(Double.parseDouble(json.substring(reader.at, comma)) * 1000);
        reader.at = comma + 1;
        points.put(time, Objects.requireNonNull(Numbers.parse(reader.string())));
        reader.skip("]");
        reader.take(',');
      }
      reader.skip("]}");
      reader.take(',');
      result.put(labels, points);
    }
    return result;
  }

  private Labels labels() {
    Labels.Builder labels = Labels.builder();
    skip("{");
    while (!take('}')) {
      String name = string();
      skip(":");
      labels.put(name, string());
      take(',');
    }
    return labels.build();
  }

  private String string() {
    skip("\"");
    StringBuilder out = new StringBuilder();
    while (json.charAt(at) != '"') {
      char c = json.charAt(at++);
      out.append(c == '\\' ? json.charAt(at++) : c);
    }
    at++;
    return out.toString();
  }

  private boolean take(char c) {
    boolean found = json.charAt(at) == c;
    at += found ? 1 : 0;
    return found;
  }

  private void skip(String expected) {
    if (!json.startsWith(expected, at)) {
      throw new IllegalStateException("expected " + expected + " at " + at + " of " + json);
    }
    at += expected.length();
  }
}
