package dev.tocsin.promql.engine;

import dev.tocsin.promql.series.Value;
import java.util.List;

/**
 * The answer to a query.
 *
 * @param annotations each text once, in the order found
 * @param samplesRead how many samples were read from the source
 */
public record QueryResult(Value value, List<Annotation> annotations, long samplesRead) {
  public QueryResult {
    annotations = List.copyOf(annotations);
  }

  public List<String> warnings() {
    return texts(Annotation.Level.WARNING);
  }

  public List<String> infos() {
    return texts(Annotation.Level.INFO);
  }

  private List<String> texts(Annotation.Level level) {
    return annotations.stream().filter(a -> a.level() == level).map(Annotation::message).toList();
  }
}
