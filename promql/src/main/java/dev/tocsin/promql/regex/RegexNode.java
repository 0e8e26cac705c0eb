package dev.tocsin.promql.regex;

import java.util.List;

/** A parsed regular expression. */
sealed interface RegexNode {
  /** One character out of a set. */
  record Chars(CharSet set) implements RegexNode {}

  /** Nodes one after the other; none is the empty string. */
  record Sequence(List<RegexNode> nodes) implements RegexNode {}

  /** The first of several that leads to a match. */
  record Choice(List<RegexNode> nodes) implements RegexNode {}

  /**
   * Repetition.
   *
   * @param max -1 for no limit
   */
  record Repeat(RegexNode node, int min, int max, boolean greedy) implements RegexNode {}

  /** A capturing group. */
  record Group(RegexNode node, int index) implements RegexNode {}

  /** A condition on the place. */
  record Assertion(Place place) implements RegexNode {}

  /** The places an assertion may ask for. */
  enum Place {
    TEXT_START,
    TEXT_END,
    LINE_START,
    LINE_END,
    WORD_EDGE,
    NO_WORD_EDGE
  }
}
