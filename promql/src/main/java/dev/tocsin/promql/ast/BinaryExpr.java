package dev.tocsin.promql.ast;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A binary operation. People and programs write chains of thousands of operands, whose tree is as
 * deep as the chain is long; so nothing here, and nothing that walks such trees by {@link #fold} or
 * {@link #operands}, recurses from one operation into the next.
 */
public final class BinaryExpr implements Expr {
  private final BinaryOp op;
  private final Expr left;
  private final Expr right;
  private final @Nullable VectorMatching matching;
  private final boolean bool;
  private final SourceRange position;
  private final ValueType type;
  private final int hash;

  /**
   * @param matching null unless both sides are vectors
   * @param bool whether a comparison gives 0 or 1 instead of filtering
   */
  public BinaryExpr(
      BinaryOp op,
      Expr left,
      Expr right,
      @Nullable VectorMatching matching,
      boolean bool,
      SourceRange position) {
    this.op = op;
    this.left = left;
    this.right = right;
    this.matching = matching;
    this.bool = bool;
    this.position = position;
    this.type =
        left.type() == ValueType.SCALAR && right.type() == ValueType.SCALAR
            ? ValueType.SCALAR
            : ValueType.VECTOR;
    this.hash = Objects.hash(op, left, right, matching, bool);
  }

  /** What is made of a tree of binary operations, from its operands upwards. */
  public interface Fold<T> {
    /** Whether an operation below is taken as a whole; what is no operation always is. */
    default boolean isOperand(BinaryExpr expr) {
      return false;
    }

    /** Called in the order of the text. */
    T operand(Expr expr);

    /** Called when both sides are there. */
    T operation(BinaryExpr expr, T left, T right);
  }

  /** An operation whose sides come first. */
  private record Pending(BinaryExpr expr) {}

  /** The result for this operation. */
  public <T> T fold(Fold<T> fold) {
    Deque<T> values = new ArrayDeque<>();
    Deque<Object> todo = new ArrayDeque<>();
    todo.push(this);
    while (!todo.isEmpty()) {
      Object next = todo.pop();
      if (next instanceof Pending pending) {
        T rightValue = values.pop();
        T leftValue = values.pop();
        values.push(fold.operation(pending.expr, leftValue, rightValue));
      } else if (next instanceof BinaryExpr binary && (next == this || !fold.isOperand(binary))) {
        todo.push(new Pending(binary));
        todo.push(binary.right);
        todo.push(binary.left);
      } else {
        values.push(fold.operand((Expr) next));
      }
    }
    return values.pop();
  }

  /** What the operations of this tree are made of, in the order of the text. */
  public List<Expr> operands() {
    List<Expr> operands = new ArrayList<>();
    Deque<Expr> todo = new ArrayDeque<>();
    todo.push(this);
    while (!todo.isEmpty()) {
      Expr next = todo.pop();
      if (next instanceof BinaryExpr binary) {
        todo.push(binary.right);
        todo.push(binary.left);
      } else {
        operands.add(next);
      }
    }
    return operands;
  }

  public BinaryOp op() {
    return op;
  }

  public Expr left() {
    return left;
  }

  public Expr right() {
    return right;
  }

  public @Nullable VectorMatching matching() {
    return matching;
  }

  public boolean bool() {
    return bool;
  }

  @Override
  public SourceRange position() {
    return position;
  }

  @Override
  public ValueType type() {
    return type;
  }

  @Override
  public List<Expr> children() {
    return List.of(left, right);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    if (!(other instanceof BinaryExpr that)) {
      return false;
    }
    Deque<BinaryExpr> ours = new ArrayDeque<>(List.of(this));
    Deque<BinaryExpr> theirs = new ArrayDeque<>(List.of(that));
    while (!ours.isEmpty()) {
      BinaryExpr mine = ours.pop();
      BinaryExpr its = theirs.pop();
      if (mine == its) {
        continue;
      }
      if (mine.hash != its.hash
          || mine.op != its.op
          || mine.bool != its.bool
          || !Objects.equals(mine.matching, its.matching)
          || !sameSide(mine.left, its.left, ours, theirs)
          || !sameSide(mine.right, its.right, ours, theirs)) {
        return false;
      }
    }
    return true;
  }

  /** Puts off the comparison of two operations. */
  private static boolean sameSide(
      Expr mine, Expr its, Deque<BinaryExpr> ours, Deque<BinaryExpr> theirs) {
    if (mine instanceof BinaryExpr first && its instanceof BinaryExpr second) {
      ours.push(first);
      theirs.push(second);
      return true;
    }
    return mine.equals(its);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return "BinaryExpr["
        + op.symbol()
        + " of "
        + operands().size()
        + " operands, "
        + position
        + "]";
  }
}
