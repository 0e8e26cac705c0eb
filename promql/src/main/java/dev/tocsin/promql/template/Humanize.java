package dev.tocsin.promql.template;

/** Numbers for people, as Prometheus's functions of these names give them. */
final class Humanize {
  private static final String[] LARGE = {"k", "M", "G", "T", "P", "E", "Z", "Y"};
  private static final String[] SMALL = {"m", "u", "n", "p", "f", "a", "z", "y"};
  private static final String[] BINARY = {"ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"};

  private Humanize() {}

  private static String four(double value) {
    return GoFormat.floating('g', value, 4);
  }

  private static boolean special(double value) {
    return Double.isNaN(value) || Double.isInfinite(value);
  }

  static String decimal(double value) {
    if (value == 0 || special(value)) {
      return four(value);
    }
    return Math.abs(value) >= 1 ? divided(value, 1000, LARGE) : multiplied(value);
  }

  private static String divided(double start, double base, String[] prefixes) {
    double value = start;
    String prefix = "";
    for (String next : prefixes) {
      if (Math.abs(value) < base) {
        break;
      }
      prefix = next;
      value /= base;
    }
    return four(value) + prefix;
  }

  private static String multiplied(double start) {
    double value = start;
    String prefix = "";
    for (String next : SMALL) {
      if (Math.abs(value) >= 1) {
        break;
      }
      prefix = next;
      value *= 1000;
    }
    return four(value) + prefix;
  }

  static String binary(double value) {
    return Math.abs(value) <= 1 || special(value) ? four(value) : divided(value, 1024, BINARY);
  }

  static String duration(double value) {
    if (special(value)) {
      return four(value);
    } else if (value == 0) {
      return "0s";
    } else if (Math.abs(value) < 1) {
      return multiplied(value) + "s";
    }
    String sign = value < 0 ? "-" : "";
    long whole = (long) Math.abs(value);
    long seconds = whole % 60;
    long minutes = whole / 60 % 60;
    long hours = whole / 3600 % 24;
    long days = whole / 86_400;
    if (days != 0) {
      return sign + days + "d " + hours + "h " + minutes + "m " + seconds + "s";
    } else if (hours != 0) {
      return sign + hours + "h " + minutes + "m " + seconds + "s";
    } else if (minutes != 0) {
      return sign + minutes + "m " + seconds + "s";
    }
    return sign + four(Math.abs(value)) + "s";
  }

  static String percentage(double value) {
    return four(value * 100) + "%";
  }

  static String timestamp(double value) {
    return special(value) ? four(value) : GoTime.ofSeconds(value).toString();
  }
}
