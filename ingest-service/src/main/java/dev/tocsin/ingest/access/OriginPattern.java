package dev.tocsin.ingest.access;

import java.util.regex.Pattern;

/**
 * Origins of web pages: one ({@code https://shop.example}), all subdomains of a domain ({@code
 * https://*.shop.example}), or all ({@code *}). Immutable.
 */
public final class OriginPattern {
  private static final String ANY = "*";
  private static final String SUBDOMAINS = "[A-Za-z0-9.-]+";

  private final Pattern pattern;
  private final boolean any;

  public OriginPattern(String text) {
    this.any = text.equals(ANY);
    StringBuilder regex = new StringBuilder();
    for (String part : text.split("\\*", -1)) {
      regex.append(regex.isEmpty() ? "" : SUBDOMAINS).append(Pattern.quote(part));
    }
    this.pattern = Pattern.compile(regex.toString());
  }

  /** Whether every origin fits. */
  public boolean any() {
    return any;
  }

  public boolean matches(String origin) {
    return any || pattern.matcher(origin).matches();
  }
}
