package dev.tocsin.promql.regex;

import dev.tocsin.promql.regex.RegexNode.Assertion;
import dev.tocsin.promql.regex.RegexNode.Chars;
import dev.tocsin.promql.regex.RegexNode.Choice;
import dev.tocsin.promql.regex.RegexNode.Group;
import dev.tocsin.promql.regex.RegexNode.Place;
import dev.tocsin.promql.regex.RegexNode.Repeat;
import dev.tocsin.promql.regex.RegexNode.Sequence;
import dev.tocsin.promql.regex.RegexParser.Malformed;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A regular expression as instructions of a machine that follows all alternatives at once. */
final class Program {
  /** What an instruction does. */
  enum Op {
    CHARS,
    SPLIT,
    JUMP,
    SAVE,
    ASSERT,
    MATCH
  }

  /**
   * An instruction.
   *
   * @param x where to go on; for SPLIT the preferred way; for SAVE the slot
   * @param y for SPLIT the other way
   */
  record Instruction(Op op, int x, int y, @Nullable CharSet set, @Nullable Place place) {}

  private final List<Instruction> code = new ArrayList<>();
  private final List<String> groupNames;

  private Program(List<String> groupNames) {
    this.groupNames = groupNames;
  }

  static Program compile(RegexNode node, List<String> groupNames) throws Malformed {
    Program program = new Program(groupNames);
    program.emit(Op.SAVE, 0, 0, null, null);
    program.compile(node);
    program.emit(Op.SAVE, 1, 0, null, null);
    program.emit(Op.MATCH, 0, 0, null, null);
    return program;
  }

  Instruction at(int index) {
    return code.get(index);
  }

  int size() {
    return code.size();
  }

  List<String> groupNames() {
    return groupNames;
  }

  private int emit(Op op, int x, int y, @Nullable CharSet set, @Nullable Place place)
      throws Malformed {
    if (code.size() >= Regex.INSTRUCTIONS_MAX) {
      throw new Malformed("expression too large");
    }
    code.add(new Instruction(op, x, y, set, place));
    return code.size() - 1;
  }

  private void patch(int index, int x, int y) {
    code.set(index, new Instruction(code.get(index).op(), x, y, null, null));
  }

  private void compile(RegexNode node) throws Malformed {
    if (node instanceof Chars chars) {
      emit(Op.CHARS, 0, 0, chars.set(), null);
    } else if (node instanceof Sequence sequence) {
      for (RegexNode part : sequence.nodes()) {
        compile(part);
      }
    } else if (node instanceof Choice choice) {
      compile(choice);
    } else if (node instanceof Repeat repeat) {
      compile(repeat);
    } else if (node instanceof Group group) {
      emit(Op.SAVE, 2 * group.index(), 0, null, null);
      compile(group.node());
      emit(Op.SAVE, 2 * group.index() + 1, 0, null, null);
    } else {
      emit(Op.ASSERT, 0, 0, null, ((Assertion) node).place());
    }
  }

  private void compile(Choice choice) throws Malformed {
    List<Integer> exits = new ArrayList<>();
    int last = choice.nodes().size() - 1;
    for (int i = 0; i < last; i++) {
      int split = emit(Op.SPLIT, 0, 0, null, null);
      compile(choice.nodes().get(i));
      exits.add(emit(Op.JUMP, 0, 0, null, null));
      patch(split, split + 1, code.size());
    }
    compile(choice.nodes().get(last));
    for (int exit : exits) {
      patch(exit, code.size(), 0);
    }
  }

  private void compile(Repeat repeat) throws Malformed {
    int again = code.size();
    for (int i = 0; i < repeat.min(); i++) {
      again = code.size();
      compile(repeat.node());
      if (code.size() == again) {
        // Nothing, however often: nested, that would be more often than there is time for.
        break;
      }
    }
    if (repeat.max() < 0) {
      compileLoop(repeat, again);
      return;
    }
    List<Integer> splits = new ArrayList<>();
    for (int i = repeat.min(); i < repeat.max(); i++) {
      splits.add(emit(Op.SPLIT, 0, 0, null, null));
      compile(repeat.node());
    }
    for (int split : splits) {
      branch(split, repeat.greedy());
    }
  }

  /**
   * As Go does since its issue 46123: a loop of none or more is an optional loop of one or more, so
   * that what is empty at first ends it in the same place.
   *
   * @param last where the last of the repetitions that must be begins
   */
  private void compileLoop(Repeat repeat, int last) throws Malformed {
    int again = last;
    int none = -1;
    if (repeat.min() == 0) {
      none = emit(Op.SPLIT, 0, 0, null, null);
      again = code.size();
      compile(repeat.node());
    }
    int split = emit(Op.SPLIT, 0, 0, null, null);
    int exit = code.size();
    patch(split, repeat.greedy() ? again : exit, repeat.greedy() ? exit : again);
    if (none >= 0) {
      branch(none, repeat.greedy());
    }
  }

  private void branch(int split, boolean greedy) {
    patch(split, greedy ? split + 1 : code.size(), greedy ? code.size() : split + 1);
  }
}
