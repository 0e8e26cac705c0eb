package dev.tocsin.promql.ast;

/** The type of an expression's value. */
public enum ValueType {
  SCALAR("scalar"),
  STRING("string"),
  VECTOR("instant vector"),
  MATRIX("range vector");

  private final String documented;

  ValueType(String documented) {
    this.documented = documented;
  }

  /** The name Prometheus's documentation and error texts use. */
  public String documented() {
    return documented;
  }
}
