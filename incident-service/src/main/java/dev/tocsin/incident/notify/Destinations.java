package dev.tocsin.incident.notify;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;

/** What can be a destination at all. */
public final class Destinations {
  private static final Pattern URL = Pattern.compile("https?://[^\\s/]+(/\\S*)?");

  private Destinations() {}

  /** Whether the text is a URL that can be posted to. */
  public static boolean isUrl(String text) {
    try {
      return URL.matcher(text).matches() && new URI(text).isAbsolute();
    } catch (URISyntaxException e) {
      return false;
    }
  }
}
