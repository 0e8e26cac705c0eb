package dev.tocsin.promql.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a template gives a method of a Go value; a wrong count or type is an error as in Go. */
record MethodArguments(String method, List<@Nullable Object> values) {
  static TemplateException unknown(String method, String type) {
    return new TemplateException("can't evaluate field " + method + " in type " + type);
  }

  private void require(int count) {
    if (values.size() != count) {
      throw new TemplateException(
          "wrong number of args for " + method + ": want " + count + " got " + values.size());
    }
  }

  private TemplateException wrongType(String expected, int index) {
    return new TemplateException(
        "wrong type for value; expected "
            + expected
            + "; got "
            + Scalars.typeName(values.get(index))
            + " in "
            + method);
  }

  void none() {
    require(0);
  }

  String text() {
    require(1);
    if (values.get(0) instanceof String text) {
      return text;
    }
    throw wrongType("string", 0);
  }

  /** A duration; Go takes a whole number for nanoseconds. */
  GoDuration duration() {
    require(1);
    if (values.get(0) instanceof GoDuration duration) {
      return duration;
    } else if (values.get(0) instanceof Long nanos) {
      return new GoDuration(nanos);
    }
    throw wrongType("time.Duration", 0);
  }

  GoTime time() {
    require(1);
    if (values.get(0) instanceof GoTime time) {
      return time;
    }
    throw wrongType("time.Time", 0);
  }

  /** One of {@code count} whole numbers. */
  int whole(int index, int count) {
    require(count);
    if (values.get(index) instanceof Long number && number == (int) (long) number) {
      return (int) (long) number;
    }
    throw wrongType("int", index);
  }
}
