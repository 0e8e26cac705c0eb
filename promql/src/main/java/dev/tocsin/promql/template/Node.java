package dev.tocsin.promql.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A part of a parsed template. */
sealed interface Node {
  /** Text between actions. */
  record Text(String text) implements Node {}

  /** An action that prints its value, unless it declares a variable. */
  record Action(Pipeline pipeline) implements Node {}

  /** if, with or range. */
  record Branch(Kind kind, Pipeline pipeline, Sequence body, @Nullable Sequence otherwise)
      implements Node {}

  /** Which branch. */
  enum Kind {
    IF,
    WITH,
    RANGE
  }

  /** A call of a named template. */
  record Include(String name, @Nullable Pipeline argument) implements Node {}

  /** break or continue. */
  record Jump(boolean leave) implements Node {}

  /** Nodes one after the other. */
  record Sequence(List<Node> nodes) implements Node {}

  /**
   * Commands, each given the value of the one before as its last argument.
   *
   * @param variables names declared or assigned, without the dollar
   * @param assigns whether they exist already
   */
  record Pipeline(List<String> variables, boolean assigns, List<Command> commands) {}

  /** An operand, or a function with its arguments. */
  record Command(List<Operand> operands) {}

  /** A piece of a command. */
  sealed interface Operand {}

  /** A string, number, boolean or nil. */
  record Constant(@Nullable Object value) implements Operand {}

  /** {@code .} or {@code .a.b}. */
  record Dot(List<String> fields) implements Operand {}

  /** {@code $x} or {@code $x.a.b}. */
  record Variable(String name, List<String> fields) implements Operand {}

  /** A function by name. */
  record Function(String name) implements Operand {}

  /** A pipeline in parentheses, perhaps with fields taken of its value. */
  record Nested(Pipeline pipeline, List<String> fields) implements Operand {}
}
