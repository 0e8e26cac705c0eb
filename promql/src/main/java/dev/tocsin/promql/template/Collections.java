package dev.tocsin.promql.template;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** len, index and slice. */
final class Collections {
  private Collections() {}

  static @Nullable Object call(String name, List<@Nullable Object> args) {
    Object first = TemplateFunctions.argument(name, args, 0);
    return switch (name) {
      case "len" -> length(first);
      case "index" -> index(first, args.subList(1, args.size()));
      default -> slice(first, args.subList(1, args.size()));
    };
  }

  private static long length(@Nullable Object value) {
    if (value instanceof List<?> list) {
      return list.size();
    } else if (value instanceof Map<?, ?> map) {
      return map.size();
    } else if (value instanceof String text) {
      return text.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
    } else if (value instanceof SafeHtml html) {
      return length(html.text());
    }
    throw new TemplateException("error calling len: len of type " + Scalars.typeName(value));
  }

  private static @Nullable Object index(@Nullable Object start, List<@Nullable Object> keys) {
    Object value = start;
    for (Object key : keys) {
      if (value instanceof Map<?, ?> map) {
        Object found = map.get(String.valueOf(key));
        value = found == null ? "" : found;
      } else if (value instanceof List<?> list && key instanceof Long at) {
        if (at < 0 || at >= list.size()) {
          throw new TemplateException("error calling index: index out of range: " + at);
        }
        value = list.get((int) (long) at);
      } else {
        throw new TemplateException(
            "error calling index: can't index item of type " + Scalars.typeName(value));
      }
    }
    return value;
  }

  private static Object slice(@Nullable Object value, List<@Nullable Object> bounds) {
    long size = length(value);
    long from = bounds.size() > 0 && bounds.get(0) instanceof Long x ? x : 0;
    long to = bounds.size() > 1 && bounds.get(1) instanceof Long y ? y : size;
    if (from < 0 || to > size || from > to) {
      throw new TemplateException("error calling slice: index out of range: " + from + ":" + to);
    }
    if (value instanceof List<?> list) {
      return list.subList((int) from, (int) to);
    } else if (value instanceof String text && text.length() == size) {
      return text.substring((int) from, (int) to);
    }
    throw new TemplateException(
        "error calling slice: can't slice item of type " + Scalars.typeName(value));
  }
}
