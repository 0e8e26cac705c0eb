package dev.tocsin.promql.regex;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The texts that an expression matches as a whole, when they are few: {@code a|b} and {@code
 * x_(a|b)} are a look into a set for each series instead of a simulation.
 */
final class Literals {
  private static final int TEXTS_MAX = 100;

  private Literals() {}

  /** Null when there are many, or when it is more than a choice of texts. */
  static @Nullable Set<String> of(RegexNode node) {
    if (node instanceof RegexNode.Chars chars) {
      int only = chars.set().single();
      boolean plain =
          only >= 0 && only <= Character.MAX_VALUE && !Character.isSurrogate((char) only);
      return plain ? Set.of(Character.toString(only)) : null;
    }
    if (node instanceof RegexNode.Group group) {
      return of(group.node());
    }
    if (node instanceof RegexNode.Choice choice) {
      return ofChoice(choice.nodes());
    }
    return node instanceof RegexNode.Sequence sequence ? ofSequence(sequence.nodes()) : null;
  }

  private static @Nullable Set<String> ofChoice(List<RegexNode> nodes) {
    Set<String> all = new HashSet<>();
    for (RegexNode node : nodes) {
      Set<String> texts = of(node);
      if (texts == null || all.size() + texts.size() > TEXTS_MAX) {
        return null;
      }
      all.addAll(texts);
    }
    return all;
  }

  private static @Nullable Set<String> ofSequence(List<RegexNode> nodes) {
    Set<String> all = Set.of("");
    for (RegexNode node : nodes) {
      Set<String> texts = of(node);
      if (texts == null || (long) all.size() * texts.size() > TEXTS_MAX) {
        return null;
      }
      Set<String> longer = new HashSet<>();
      all.forEach(start -> texts.forEach(end -> longer.add(start + end)));
      all = longer;
    }
    return all;
  }
}
