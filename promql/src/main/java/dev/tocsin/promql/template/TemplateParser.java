package dev.tocsin.promql.template;

import dev.tocsin.promql.parse.GoStrings;
import dev.tocsin.promql.template.Node.Action;
import dev.tocsin.promql.template.Node.Branch;
import dev.tocsin.promql.template.Node.Command;
import dev.tocsin.promql.template.Node.Constant;
import dev.tocsin.promql.template.Node.Dot;
import dev.tocsin.promql.template.Node.Function;
import dev.tocsin.promql.template.Node.Include;
import dev.tocsin.promql.template.Node.Jump;
import dev.tocsin.promql.template.Node.Nested;
import dev.tocsin.promql.template.Node.Operand;
import dev.tocsin.promql.template.Node.Pipeline;
import dev.tocsin.promql.template.Node.Sequence;
import dev.tocsin.promql.template.Node.Text;
import dev.tocsin.promql.template.Node.Variable;
import dev.tocsin.promql.template.TemplateLexer.Kind;
import dev.tocsin.promql.template.TemplateLexer.Token;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tokens to nodes. Undefined functions and variables are errors here, as they are in Go. */
final class TemplateParser {
  private static final int DEPTH_MAX = 100;
  private static final Set<String> ENDS = Set.of("end", "else");

  /** A template and those it defines. */
  record Parsed(Sequence root, Map<String, Sequence> defined, List<String> called) {
    void requireCalledTemplates() {
      for (String name : called) {
        if (!defined.containsKey(name)) {
          throw new TemplateException("template \"" + name + "\" not defined");
        }
      }
    }
  }

  private final List<Token> tokens;
  private final Map<String, Sequence> defined = new HashMap<>();
  private final List<String> called = new ArrayList<>();
  private final Deque<String> variables = new ArrayDeque<>();
  private int at;
  private int depth;
  private int loops;

  private final boolean html;

  private TemplateParser(String text, boolean html) {
    this.html = html;
    this.tokens = TemplateLexer.tokens(text);
    variables.addAll(List.of("", "labels", "value", "externalLabels", "externalURL"));
  }

  /** With {@code html} the function {@code tmpl} is known, which Prometheus has in HTML only. */
  static Parsed parse(String text, boolean html) {
    TemplateParser parser = new TemplateParser(text, html);
    Sequence root = parser.sequence(false);
    return new Parsed(root, Map.copyOf(parser.defined), List.copyOf(parser.called));
  }

  private Sequence sequence(boolean inBlock) {
    if (++depth > DEPTH_MAX) {
      throw error("template is nested deeper than " + DEPTH_MAX + " levels");
    }
    List<Node> nodes = new ArrayList<>();
    while (true) {
      Token token = tokens.get(at);
      if (token.kind() == Kind.END) {
        if (inBlock) {
          throw error("unexpected EOF");
        }
        break;
      } else if (token.kind() == Kind.TEXT) {
        at++;
        nodes.add(new Text(token.text()));
        continue;
      }
      String keyword = keyword();
      if (ENDS.contains(keyword)) {
        if (!inBlock) {
          throw error("unexpected {{" + keyword + "}}");
        }
        break;
      }
      Node node = action(keyword);
      if (node != null) {
        nodes.add(node);
      }
    }
    depth--;
    return new Sequence(List.copyOf(nodes));
  }

  /**
   * The word an action starts with, empty when it is none; the position stays at the opening
   * braces.
   */
  private String keyword() {
    int i = at + 1;
    while (tokens.get(i).kind() == Kind.SPACE) {
      i++;
    }
    return tokens.get(i).kind() == Kind.WORD ? tokens.get(i).text() : "";
  }

  private void openKeyword() {
    at++;
    space();
    at++;
  }

  private @Nullable Node action(String keyword) {
    switch (keyword) {
      case "if", "with", "range" -> {
        openKeyword();
        return branch(keyword);
      }
      case "define", "block" -> {
        openKeyword();
        return define(keyword.equals("block"));
      }
      case "template" -> {
        openKeyword();
        return include();
      }
      case "break", "continue" -> {
        if (loops == 0) {
          throw error("{{" + keyword + "}} outside {{range}}");
        }
        openKeyword();
        close(keyword);
        return new Jump(keyword.equals("break"));
      }
      default -> {
        at++;
        Pipeline pipeline = pipeline("command", false);
        close("command");
        return new Action(pipeline);
      }
    }
  }

  /** A condition, or a range, with what it is for. */
  private record Arm(Node.Kind kind, Pipeline pipeline, Sequence body) {}

  /** With all its {@code else if}, of which there may be any number: they are no depth. */
  private Branch branch(String first) {
    int scope = variables.size();
    Deque<Arm> arms = new ArrayDeque<>();
    Sequence otherwise = null;
    String keyword = first;
    while (true) {
      arms.push(arm(keyword));
      if (!keyword().equals("else")) {
        break;
      }
      openKeyword();
      space();
      Token next = tokens.get(at);
      if (next.kind() == Kind.WORD && (next.text().equals("if") || next.text().equals("with"))) {
        at++;
        keyword = next.text();
        continue;
      }
      close("else");
      otherwise = sequence(true);
      break;
    }
    end();
    dropVariables(scope);
    Arm last = arms.pop();
    Branch branch = new Branch(last.kind, last.pipeline, last.body, otherwise);
    for (Arm arm : arms) {
      branch = new Branch(arm.kind, arm.pipeline, arm.body, new Sequence(List.of(branch)));
    }
    return branch;
  }

  private Arm arm(String keyword) {
    boolean loop = keyword.equals("range");
    Pipeline pipeline = pipeline(keyword, loop);
    close(keyword);
    loops += loop ? 1 : 0;
    Sequence body = sequence(true);
    loops -= loop ? 1 : 0;
    return new Arm(kind(keyword), pipeline, body);
  }

  private static Node.Kind kind(String keyword) {
    return switch (keyword) {
      case "if" -> Node.Kind.IF;
      case "with" -> Node.Kind.WITH;
      default -> Node.Kind.RANGE;
    };
  }

  private void dropVariables(int size) {
    while (variables.size() > size) {
      variables.removeLast();
    }
  }

  private void end() {
    if (!keyword().equals("end")) {
      throw error("expected end; found {{" + keyword() + "}}");
    }
    openKeyword();
    close("end");
  }

  private @Nullable Node define(boolean block) {
    String name = stringArgument(block ? "block clause" : "define clause");
    Pipeline argument = block ? pipeline("block clause", false) : null;
    close("define clause");
    int scope = variables.size();
    defined.put(name, sequence(true));
    dropVariables(scope);
    end();
    if (block) {
      called.add(name);
    }
    return block ? new Include(name, argument) : null;
  }

  private Include include() {
    String name = stringArgument("template clause");
    called.add(name);
    space();
    Pipeline argument =
        tokens.get(at).kind() == Kind.CLOSE ? null : pipeline("template clause", false);
    close("template clause");
    return new Include(name, argument);
  }

  private String stringArgument(String context) {
    space();
    Token token = tokens.get(at++);
    String name = token.kind() == Kind.STRING ? GoStrings.unquote(token.text()) : null;
    if (name == null) {
      throw error("unexpected " + describe(token) + " in " + context);
    }
    return name;
  }

  private Pipeline pipeline(String context, boolean loop) {
    space();
    int start = at;
    List<String> names = new ArrayList<>();
    boolean assigns = false;
    while (tokens.get(at).kind() == Kind.VARIABLE) {
      names.add(tokens.get(at++).text());
      space();
      if (isSymbol(",") && loop && names.size() == 1) {
        at++;
        space();
        continue;
      }
      break;
    }
    if (!names.isEmpty() && (isSymbol(":=") || isSymbol("="))) {
      assigns = isSymbol("=");
      at++;
      for (String name : names) {
        requireVariable(name, !assigns);
      }
    } else {
      at = start;
      names.clear();
    }
    List<Command> commands = new ArrayList<>();
    commands.add(command(context));
    while (isSymbol("|")) {
      at++;
      commands.add(command(context));
    }
    if (!assigns) {
      variables.addAll(names);
    }
    return new Pipeline(List.copyOf(names), assigns, List.copyOf(commands));
  }

  private void requireVariable(String name, boolean declares) {
    if (!declares && !variables.contains(name)) {
      throw error("undefined variable \"$" + name + "\"");
    }
  }

  private Command command(String context) {
    List<Operand> operands = new ArrayList<>();
    while (true) {
      space();
      Token token = tokens.get(at);
      if (token.kind() == Kind.CLOSE || isSymbol("|") || isSymbol(")")) {
        break;
      }
      operands.add(operand(context));
      Kind next = tokens.get(at).kind();
      if (next != Kind.SPACE && next != Kind.CLOSE && !isSymbol("|") && !isSymbol(")")) {
        throw error("unexpected " + describe(tokens.get(at)) + " in operand");
      }
    }
    if (operands.isEmpty()) {
      throw error("missing value for " + context);
    }
    return new Command(List.copyOf(operands));
  }

  private Operand operand(String context) {
    Token token = tokens.get(at++);
    switch (token.kind()) {
      case DOT -> {
        return new Dot(List.of());
      }
      case FIELD -> {
        at--;
        return new Dot(fields());
      }
      case VARIABLE -> {
        requireVariable(token.text(), false);
        return new Variable(token.text(), fields());
      }
      case STRING, CHARACTER, NUMBER -> {
        return new Constant(constant(token));
      }
      case WORD -> {
        return word(token);
      }
      default -> {}
    }
    if (token.text().equals("(")) {
      if (++depth > DEPTH_MAX) {
        throw error("template is nested deeper than " + DEPTH_MAX + " levels");
      }
      Pipeline inner = pipeline("parenthesized pipeline", false);
      if (!isSymbol(")")) {
        throw error("unclosed left paren");
      }
      at++;
      depth--;
      return new Nested(inner, fields());
    }
    throw error("unexpected " + describe(token) + " in " + context);
  }

  private Operand word(Token token) {
    return switch (token.text()) {
      case "true" -> new Constant(true);
      case "false" -> new Constant(false);
      case "nil" -> new Constant(null);
      default -> {
        if (!TemplateFunctions.NAMES.contains(token.text())
            || (token.text().equals("tmpl") && !html)) {
          throw error("function \"" + token.text() + "\" not defined");
        }
        yield new Function(token.text());
      }
    };
  }

  private Object constant(Token token) {
    if (token.kind() == Kind.NUMBER) {
      Object number = Scalars.number(token.text());
      if (number == null) {
        throw error("bad number syntax: \"" + token.text() + "\"");
      }
      return number;
    }
    String text = GoStrings.unquote(token.text());
    if (text == null
        || (token.kind() == Kind.CHARACTER && text.codePointCount(0, text.length()) != 1)) {
      throw error("invalid syntax");
    }
    return token.kind() == Kind.CHARACTER ? (Object) (long) text.codePointAt(0) : text;
  }

  private List<String> fields() {
    List<String> names = new ArrayList<>();
    while (tokens.get(at).kind() == Kind.FIELD) {
      names.add(tokens.get(at++).text());
    }
    return List.copyOf(names);
  }

  private void close(String context) {
    space();
    Token token = tokens.get(at++);
    if (token.kind() != Kind.CLOSE) {
      throw error("unexpected " + describe(token) + " in " + context);
    }
  }

  private void space() {
    while (tokens.get(at).kind() == Kind.SPACE) {
      at++;
    }
  }

  private boolean isSymbol(String symbol) {
    Token token = tokens.get(at);
    return token.kind() == Kind.SYMBOL && token.text().equals(symbol);
  }

  private static String describe(Token token) {
    return token.kind() == Kind.END ? "EOF" : "<" + token.text() + ">";
  }

  private TemplateException error(String message) {
    Token token = tokens.get(Math.min(at, tokens.size() - 1));
    return new TemplateException(token.line() + ": " + message);
  }
}
