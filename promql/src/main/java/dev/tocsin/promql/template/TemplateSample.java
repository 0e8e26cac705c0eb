package dev.tocsin.promql.template;

import dev.tocsin.promql.series.Value;
import java.util.Map;

/** A sample of a query's result as templates see it. */
record TemplateSample(Map<String, String> labels, double value) {
  static TemplateSample of(Value.Sample sample) {
    return new TemplateSample(sample.labels().asMap(), sample.value());
  }

  Object field(String name) {
    return switch (name) {
      case "Labels" -> labels;
      case "Value" -> value;
      default ->
          throw new TemplateException("can't evaluate field " + name + " in type *template.sample");
    };
  }

  @Override
  public String toString() {
    return "{" + Scalars.print(labels) + " " + Scalars.print(value) + "}";
  }
}
