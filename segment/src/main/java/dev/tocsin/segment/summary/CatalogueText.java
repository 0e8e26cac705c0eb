package dev.tocsin.segment.summary;

import dev.tocsin.common.postgres.PostgresText;

/** Names as the tables hold them: their keys are indexed, and an index entry has a limit. */
final class CatalogueText {
  static final int CHARACTERS_MAX = 256;

  private CatalogueText() {}

  /** Cut to size, without what PostgreSQL cannot hold. */
  static String of(String text) {
    return cut(text, CHARACTERS_MAX);
  }

  static String cut(String text, int charactersMax) {
    if (text.length() <= charactersMax) {
      return PostgresText.clean(text);
    }
    boolean splitsPair = Character.isHighSurrogate(text.charAt(charactersMax - 1));
    return PostgresText.clean(text.substring(0, splitsPair ? charactersMax - 1 : charactersMax));
  }
}
