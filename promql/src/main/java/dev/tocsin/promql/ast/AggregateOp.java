package dev.tocsin.promql.ast;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The aggregation operators. */
public enum AggregateOp {
  SUM,
  AVG,
  COUNT,
  MIN,
  MAX,
  GROUP,
  STDDEV,
  STDVAR,
  TOPK,
  BOTTOMK,
  COUNT_VALUES,
  QUANTILE,
  LIMITK,
  LIMIT_RATIO;

  private final String text = name().toLowerCase(Locale.ROOT);

  public String text() {
    return text;
  }

  /** Whether it takes a parameter before the vector. */
  public boolean parameterised() {
    return picks() || this == COUNT_VALUES || this == QUANTILE;
  }

  public boolean experimental() {
    return this == LIMITK || this == LIMIT_RATIO;
  }

  /** Whether it picks series of its input rather than computing new ones. */
  public boolean picks() {
    return this == TOPK || this == BOTTOMK || experimental();
  }

  /** The operator of that name in any case, or null. */
  public static @Nullable AggregateOp of(String text) {
    for (AggregateOp op : values()) {
      if (op.text.equalsIgnoreCase(text)) {
        return op;
      }
    }
    return null;
  }
}
