package dev.tocsin.promql.template;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Follows the literal text of an HTML template and escapes values for the place they appear in, as
 * Go's html/template does: between tags, in quoted attributes and in quoted URL attributes. In any
 * other place (script, style, event handlers, unquoted attributes, tags, comments) a value is
 * refused, because a wrong escape there would let it become code.
 */
final class HtmlContext {
  private static final Set<String> URL_ATTRIBUTES =
      Set.of(
          "action",
          "archive",
          "background",
          "cite",
          "classid",
          "codebase",
          "data",
          "formaction",
          "href",
          "icon",
          "longdesc",
          "manifest",
          "poster",
          "profile",
          "src",
          "usemap",
          "xmlns");
  private static final Set<String> SAFE_SCHEMES = Set.of("http", "https", "mailto");
  private static final Set<String> REFUSED_ELEMENTS =
      Set.of(
          "script", "style", "iframe", "noscript", "xmp", "plaintext", "template", "svg", "math");
  private static final String URL_KEPT = "!#$&*+,/:;=?@[]";

  private enum Place {
    TEXT,
    COMMENT,
    TAG_NAME,
    TAG,
    ATTRIBUTE_NAME,
    BEFORE_VALUE,
    UNQUOTED,
    QUOTED,
    REFUSED_ELEMENT
  }

  private Place place = Place.TEXT;
  private final StringBuilder tag = new StringBuilder();
  private final StringBuilder attribute = new StringBuilder();
  private final StringBuilder value = new StringBuilder();
  private char quote;
  private String refused = "";
  private final StringBuilder recent = new StringBuilder();

  /** Takes note of text of the template itself. */
  void literal(String text) {
    for (int i = 0; i < text.length(); i++) {
      next(text.charAt(i));
    }
  }

  private void next(char c) {
    recent.append(c);
    if (recent.length() > 12) {
      recent.deleteCharAt(0);
    }
    switch (place) {
      case TEXT -> {
        if (c == '<') {
          place = Place.TAG_NAME;
          tag.setLength(0);
        }
      }
      case COMMENT -> place = endsWith("-->") ? Place.TEXT : place;
      case REFUSED_ELEMENT -> place = endsWith("</" + refused + ">") ? Place.TEXT : place;
      case TAG_NAME -> tagName(c);
      case TAG, ATTRIBUTE_NAME -> inTag(c);
      case BEFORE_VALUE -> beforeValue(c);
      case UNQUOTED -> {
        if (c == '>' || Character.isWhitespace(c)) {
          inTag(c);
        }
      }
      case QUOTED -> {
        if (c == quote) {
          place = Place.TAG;
          attribute.setLength(0);
        } else {
          value.append(c);
        }
      }
    }
  }

  private boolean endsWith(String text) {
    return recent.toString().toLowerCase(Locale.ROOT).endsWith(text);
  }

  private void tagName(char c) {
    boolean letter = Character.isLetterOrDigit(c) || c == '-' || c == ':';
    if (tag.isEmpty() && !letter && c != '/' && c != '!' && c != '?') {
      place = Place.TEXT;
      return;
    }
    if (c == '>' || Character.isWhitespace(c) || (c == '/' && !tag.isEmpty())) {
      attribute.setLength(0);
      inTag(c);
      return;
    }
    tag.append(Character.toLowerCase(c));
    if (tag.toString().equals("!--")) {
      place = Place.COMMENT;
    }
  }

  private void inTag(char c) {
    if (c == '>') {
      refused = tag.toString();
      place = REFUSED_ELEMENTS.contains(refused) ? Place.REFUSED_ELEMENT : Place.TEXT;
    } else if (c == '=' && !attribute.isEmpty()) {
      place = Place.BEFORE_VALUE;
    } else if (Character.isWhitespace(c) || c == '/') {
      place = Place.TAG;
    } else {
      if (place != Place.ATTRIBUTE_NAME) {
        attribute.setLength(0);
      }
      place = Place.ATTRIBUTE_NAME;
      attribute.append(Character.toLowerCase(c));
    }
  }

  private void beforeValue(char c) {
    if (c == '"' || c == '\'') {
      quote = c;
      value.setLength(0);
      place = Place.QUOTED;
    } else if (c == '>') {
      inTag(c);
    } else if (!Character.isWhitespace(c)) {
      place = Place.UNQUOTED;
    }
  }

  /** What a value becomes here. */
  String escaped(@Nullable Object given) {
    String text = given == null ? "" : Scalars.print(given);
    if (place == Place.TEXT) {
      return given instanceof SafeHtml ? text : escapedHtml(text);
    } else if (place == Place.QUOTED) {
      return inAttribute(given instanceof SafeHtml ? withoutTags(text) : text, given);
    }
    throw new TemplateException(
        "a value in this place of an HTML template is not supported ("
            + place.name().toLowerCase(Locale.ROOT).replace('_', ' ')
            + ")");
  }

  private String inAttribute(String text, @Nullable Object given) {
    String name = attribute.toString();
    int colon = name.indexOf(':');
    String local = colon < 0 ? name : name.substring(colon + 1);
    if (name.startsWith("on") || local.startsWith("on") || local.equals("style")) {
      throw new TemplateException("a value in the attribute " + name + " is not supported");
    } else if (local.equals("srcset") || local.equals("srcdoc") || local.equals("http-equiv")) {
      throw new TemplateException("a value in the attribute " + name + " is not supported");
    }
    boolean url =
        URL_ATTRIBUTES.contains(local)
            || name.startsWith("xmlns:")
            || name.contains("src")
            || name.contains("uri")
            || name.contains("url");
    if (!url) {
      String escaped = escapedHtml(text);
      return given instanceof SafeHtml ? escaped.replace("&amp;", "&") : escaped;
    }
    boolean inQuery = value.indexOf("?") >= 0 || value.indexOf("#") >= 0;
    boolean schemeKnown = inQuery || value.indexOf(":") >= 0 || value.indexOf("/") >= 0;
    value.append(text);
    if (!schemeKnown && !safeScheme(value.toString())) {
      return "#ZgotmplZ";
    }
    return escapedHtml(escapedUrl(text, inQuery));
  }

  private static boolean safeScheme(String url) {
    int colon = url.indexOf(':');
    return colon < 0
        || url.substring(0, colon).contains("/")
        || SAFE_SCHEMES.contains(url.substring(0, colon).toLowerCase(Locale.ROOT));
  }

  /** In a query every reserved character is data; before it they keep their meaning. */
  private static String escapedUrl(String text, boolean inQuery) {
    StringBuilder out = new StringBuilder();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      char c = (char) (bytes[i] & 0xff);
      boolean plain = c < 128 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0);
      boolean kept = URL_KEPT.indexOf(c) >= 0 || (c == '%' && hex(bytes, i + 1));
      if (plain || (!inQuery && kept)) {
        out.append(c);
      } else {
        out.append(String.format(Locale.ROOT, "%%%02x", (int) c));
      }
    }
    return out.toString();
  }

  private static boolean hex(byte[] bytes, int at) {
    return at + 1 < bytes.length
        && Character.digit(bytes[at], 16) >= 0
        && Character.digit(bytes[at + 1], 16) >= 0;
  }

  private static String withoutTags(String html) {
    return html.replaceAll("<[^>]*>", "");
  }

  private static String escapedHtml(String text) {
    return text.replace("&", "&amp;")
        .replace("'", "&#39;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&#34;")
        .replace("+", "&#43;")
        .replace('\0', '\ufffd');
  }
}
