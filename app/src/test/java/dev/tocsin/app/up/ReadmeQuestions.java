package dev.tocsin.app.up;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The questions that README tells people to ask the console, as {@code curl} would ask them. */
final class ReadmeQuestions {
  private static final Path README = Path.of("..", "README.md");
  private static final Pattern QUESTION =
      Pattern.compile("(?m)^curl (?:-G )?'?http://127\\.0\\.0\\.1:8080(/[^' \n]*)'?(.*)$");
  private static final Pattern PARAMETER =
      Pattern.compile(" (?:--data-urlencode '([^=]+)=([^']*)'|-d ([^= ]+)=(\\S+))");

  private ReadmeQuestions() {}

  /** Path and query of each, in the order of the file. */
  static List<String> all() throws IOException {
    return QUESTION
        .matcher(Files.readString(README))
        .results()
        .map(ReadmeQuestions::pathAndQuery)
        .toList();
  }

  private static String pathAndQuery(MatchResult question) {
    Matcher parameter = PARAMETER.matcher(question.group(2));
    String query =
        parameter
            .results()
            .map(
                found ->
                    found.group(1) != null
                        ? found.group(1) + "=" + encoded(found.group(2))
                        : found.group(3) + "=" + found.group(4))
            .collect(Collectors.joining("&"));
    return query.isEmpty() ? question.group(1) : question.group(1) + "?" + query;
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }
}
