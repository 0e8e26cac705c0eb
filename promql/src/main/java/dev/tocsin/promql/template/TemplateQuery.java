package dev.tocsin.promql.template;

import dev.tocsin.promql.series.Value;
import java.util.List;

/** What the template function {@code query} asks. */
@FunctionalInterface
public interface TemplateQuery {
  /**
   * The result of an instant query at the time of the evaluation that the template belongs to.
   *
   * @throws RuntimeException when the query fails; its message becomes part of the expanded text
   */
  List<Value.Sample> query(String expression);
}
