package dev.tocsin.promql.regex;

import dev.tocsin.promql.regex.Program.Instruction;
import dev.tocsin.promql.regex.RegexNode.Place;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs a program over a text: one pass, a set of threads ordered by preference, none at one
 * instruction twice.
 */
final class RegexMatcher {
  private final Program program;
  private final String text;
  private final boolean captures;
  private Threads current;
  private Threads next;
  private final int[] stack;
  private final int[][] stackSlots;

  private RegexMatcher(Program program, String text, boolean captures) {
    this.program = program;
    this.text = text;
    this.captures = captures;
    this.current = new Threads(program.size());
    this.next = new Threads(program.size());
    this.stack = new int[2 * program.size() + 2];
    this.stackSlots = new int[stack.length][];
  }

  /** A set of program positions in order of preference, with what each has captured. */
  private static final class Threads {
    final int[] positions;
    final int[][] slots;
    final int[] mark;
    int generation;
    int size;

    Threads(int capacity) {
      positions = new int[capacity];
      slots = new int[capacity][];
      mark = new int[capacity];
    }

    void clear() {
      size = 0;
      generation++;
    }
  }

  private static final int[] NO_SLOTS = {};

  /** Whether the whole text matches. */
  static boolean accepts(Program program, String text) {
    return new RegexMatcher(program, text, false).run(0, true) != null;
  }

  /** Start and end of the match and of each group (-1 for one that took no part), or null. */
  static int @Nullable [] match(Program program, String text, int from, boolean whole) {
    return new RegexMatcher(program, text, true).run(from, whole);
  }

  /** Whether any part of the text matches; which part is not asked, so the first end found does. */
  static boolean finds(Program program, String text) {
    return new RegexMatcher(program, text, false).run(0, false) != null;
  }

  private int @Nullable [] run(int from, boolean whole) {
    int[] found = null;
    int slotCount = captures ? 2 * program.groupNames().size() : 0;
    current.clear();
    for (int at = from; ; ) {
      boolean begins = found == null && (!whole || at == from);
      if (begins) {
        int[] slots = slotCount == 0 ? NO_SLOTS : new int[slotCount];
        Arrays.fill(slots, -1);
        add(current, 0, slots, at);
      }
      // Where an assertion fails no thread lives; a search begins again at the next place.
      boolean over = current.size == 0 && (whole || found != null);
      if (over) {
        return found;
      }
      boolean end = at >= text.length();
      int c = end ? -1 : text.codePointAt(at);
      int following = end ? at : at + Character.charCount(c);
      next.clear();
      for (int t = 0; t < current.size; t++) {
        Instruction instruction = program.at(current.positions[t]);
        if (instruction.op() == Program.Op.MATCH) {
          if (!whole || end) {
            found = current.slots[t];
            if (!captures) {
              return found;
            }
            break;
          }
        } else if (!end && Objects.requireNonNull(instruction.set()).has(c)) {
          add(next, current.positions[t] + 1, current.slots[t], following);
        }
      }
      if (end) {
        return found;
      }
      Threads swap = current;
      current = next;
      next = swap;
      at = following;
    }
  }

  /**
   * Follows everything that needs no character; an explicit stack keeps deep programs off the
   * thread's own.
   */
  private void add(Threads threads, int start, int[] startSlots, int at) {
    int depth = 0;
    stack[depth] = start;
    stackSlots[depth++] = startSlots;
    while (depth > 0) {
      int position = stack[--depth];
      int[] slots = stackSlots[depth];
      if (threads.mark[position] == threads.generation) {
        continue;
      }
      threads.mark[position] = threads.generation;
      Instruction instruction = program.at(position);
      switch (instruction.op()) {
        case JUMP -> {
          stack[depth] = instruction.x();
          stackSlots[depth++] = slots;
        }
        case SPLIT -> {
          stack[depth] = instruction.y();
          stackSlots[depth++] = slots;
          stack[depth] = instruction.x();
          stackSlots[depth++] = slots;
        }
        case SAVE -> {
          int[] saved = slots;
          if (captures) {
            saved = slots.clone();
            saved[instruction.x()] = at;
          }
          stack[depth] = position + 1;
          stackSlots[depth++] = saved;
        }
        case ASSERT -> {
          if (holds(Objects.requireNonNull(instruction.place()), at)) {
            stack[depth] = position + 1;
            stackSlots[depth++] = slots;
          }
        }
        default -> {
          threads.positions[threads.size] = position;
          threads.slots[threads.size++] = slots;
        }
      }
    }
  }

  private boolean holds(Place place, int at) {
    boolean start = at == 0;
    boolean end = at == text.length();
    return switch (place) {
      case TEXT_START -> start;
      case TEXT_END -> end;
      case LINE_START -> start || text.charAt(at - 1) == '\n';
      case LINE_END -> end || text.charAt(at) == '\n';
      case WORD_EDGE -> isWord(at - 1) != isWord(at);
      case NO_WORD_EDGE -> isWord(at - 1) == isWord(at);
    };
  }

  private boolean isWord(int index) {
    if (index < 0 || index >= text.length()) {
      return false;
    }
    char c = text.charAt(index);
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  }
}
