package dev.tocsin.segment.span;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.segment.column.SliceDictionary;
import dev.tocsin.segment.index.Hashes;
import org.jspecify.annotations.Nullable;

/** What the numbers in the rows of one segment stand for. Not thread-safe. */
public final class SpanNames {
  private final byte[] bytes;
  private final String[] services;
  private final SliceDictionary names;
  private final SliceDictionary traces;
  private final @Nullable String[] texts;

  SpanNames(byte[] bytes, String[] services, SliceDictionary names, SliceDictionary traces) {
    this.bytes = bytes;
    this.services = services;
    this.names = names;
    this.traces = traces;
    this.texts = new String[names.size()];
  }

  /** What the places in rows are places in; not to be changed. */
  public byte[] bytes() {
    return bytes;
  }

  /** Services are numbered in ascending order of their names. */
  public String service(int service) {
    return services[service];
  }

  public int services() {
    return services.length;
  }

  /** The name of spans. */
  public String name(int name) {
    String text = texts[name];
    if (text == null) {
      text = new String(bytes, names.from(name), names.length(name), UTF_8);
      texts[name] = text;
    }
    return text;
  }

  /** Traces are numbered in the order in which they came. */
  public int traces() {
    return traces.size();
  }

  /** Where the id of a trace begins. */
  public int traceFrom(int trace) {
    return traces.from(trace);
  }

  public int traceLength(int trace) {
    return traces.length(trace);
  }

  /** {@link Hashes#fast} of the id of a trace. */
  public long traceHash(int trace) {
    return traces.hash(trace);
  }
}
