package dev.tocsin.promql.histogram;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The upper bounds of custom buckets, ascending; a last bucket up to +Inf is implied. */
public final class CustomBounds {
  public static final CustomBounds NONE = new CustomBounds(new double[0]);

  private final double[] bounds;

  private CustomBounds(double[] bounds) {
    this.bounds = bounds;
  }

  public static CustomBounds of(double... bounds) {
    return new CustomBounds(bounds.clone());
  }

  public int size() {
    return bounds.length;
  }

  public double get(int i) {
    return bounds[i];
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CustomBounds that && Arrays.equals(bounds, that.bounds);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bounds);
  }

  @Override
  public String toString() {
    return Arrays.toString(bounds);
  }
}
