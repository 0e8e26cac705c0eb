package dev.tocsin.promql.template;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One expansion of a template. */
final class TemplateRun {
  private static final int CHECK_EVERY = 64;
  private static final int STEPS_MAX = 100_000;
  private static final int OUTPUT_MAX = 1_000_000;
  private static final int INCLUDES_MAX = 100;

  private static final Object NONE = new Object();

  /** How a sequence ended. */
  private enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  private static final class Slot {
    final String name;
    @Nullable Object value;

    Slot(String name, @Nullable Object value) {
      this.name = name;
      this.value = value;
    }
  }

  private final TemplateParser.Parsed template;
  private final TemplateFunctions functions;
  private final BooleanSupplier over;
  private StringBuilder out = new StringBuilder();
  private @Nullable HtmlContext html;
  private long written;
  private List<Slot> variables = new ArrayList<>();
  private int steps;
  private int includes;

  TemplateRun(
      TemplateParser.Parsed template,
      TemplateFunctions functions,
      boolean html,
      BooleanSupplier over) {
    this.over = over;
    this.template = template;
    this.functions = functions;
    this.html = html ? new HtmlContext() : null;
  }

  String run(TemplateData data) {
    Map<String, Object> dot = new TreeMap<>();
    dot.put("Labels", data.labels());
    dot.put("ExternalLabels", data.externalLabels());
    dot.put("ExternalURL", data.externalUrl());
    dot.put("Value", data.value());
    variables.add(new Slot("", dot));
    variables.add(new Slot("labels", data.labels()));
    variables.add(new Slot("externalLabels", data.externalLabels()));
    variables.add(new Slot("externalURL", data.externalUrl()));
    variables.add(new Slot("value", data.value()));
    sequence(template.root(), dot);
    return out.toString();
  }

  private void step() {
    if (++steps > STEPS_MAX) {
      throw new TemplateException("more than " + STEPS_MAX + " steps");
    }
    if (steps % CHECK_EVERY == 1 && over.getAsBoolean()) {
      throw new TemplateException("the time for it is over");
    }
  }

  private void print(String text) {
    written += text.length();
    if (written > OUTPUT_MAX) {
      throw new TemplateException("more than " + OUTPUT_MAX + " characters of output");
    }
    out.append(text);
  }

  private Flow sequence(Sequence sequence, @Nullable Object dot) {
    for (Node node : sequence.nodes()) {
      step();
      Flow flow = Flow.NEXT;
      if (node instanceof Text text) {
        print(text.text());
        if (html != null) {
          html.literal(text.text());
        }
      } else if (node instanceof Action action) {
        Object value = pipeline(action.pipeline(), dot);
        if (action.pipeline().variables().isEmpty()) {
          print(html == null ? Scalars.print(value) : html.escaped(value));
        }
      } else if (node instanceof Branch branch) {
        flow = branch(branch, dot);
      } else if (node instanceof Include include) {
        include(include, dot);
      } else if (node instanceof Jump jump) {
        flow = jump.leave() ? Flow.BREAK : Flow.CONTINUE;
      }
      if (flow != Flow.NEXT) {
        return flow;
      }
    }
    return Flow.NEXT;
  }

  private void include(Include include, @Nullable Object dot) {
    Pipeline argument = include.argument();
    include(include.name(), argument == null ? null : pipeline(argument, dot));
  }

  private void include(String name, @Nullable Object newDot) {
    Sequence body = template.defined().get(name);
    if (body == null) {
      throw new TemplateException("template \"" + name + "\" not defined");
    } else if (++includes > INCLUDES_MAX) {
      throw new TemplateException("exceeded maximum template depth (" + INCLUDES_MAX + ")");
    }
    List<Slot> saved = variables;
    variables = new ArrayList<>(saved.subList(0, 5));
    variables.set(0, new Slot("", newDot));
    sequence(body, newDot);
    variables = saved;
    includes--;
  }

  private Flow branch(Branch first, @Nullable Object dot) {
    int scope = variables.size();
    Branch branch = first;
    Object value = pipeline(branch.pipeline(), dot);
    while (branch.kind() != Node.Kind.RANGE && !Scalars.truth(value)) {
      Branch next = elseIf(branch.otherwise());
      if (next == null) {
        break;
      }
      step();
      branch = next;
      value = pipeline(branch.pipeline(), dot);
    }
    Flow flow = taken(branch, value, dot);
    variables.subList(scope, variables.size()).clear();
    return flow;
  }

  private Flow taken(Branch branch, @Nullable Object value, @Nullable Object dot) {
    Sequence otherwise = branch.otherwise();
    if (branch.kind() == Node.Kind.RANGE) {
      return loop(branch, value, dot);
    } else if (Scalars.truth(value)) {
      return sequence(branch.body(), branch.kind() == Node.Kind.WITH ? value : dot);
    }
    return otherwise == null ? Flow.NEXT : sequence(otherwise, dot);
  }

  /** The next condition of a chain of {@code else if}, which is walked without recursion. */
  private static @Nullable Branch elseIf(@Nullable Sequence otherwise) {
    return otherwise != null
            && otherwise.nodes().size() == 1
            && otherwise.nodes().get(0) instanceof Branch next
            && next.kind() != Node.Kind.RANGE
        ? next
        : null;
  }

  private Flow loop(Branch branch, @Nullable Object value, @Nullable Object dot) {
    List<Object[]> items = items(value);
    Sequence otherwise = branch.otherwise();
    if (items.isEmpty()) {
      return otherwise == null ? Flow.NEXT : sequence(otherwise, dot);
    }
    List<String> names = branch.pipeline().variables();
    for (Object[] item : items) {
      step();
      int scope = variables.size();
      if (names.size() == 1) {
        assign(names.get(0), item[1], branch.pipeline().assigns());
      } else if (names.size() == 2) {
        assign(names.get(0), item[0], branch.pipeline().assigns());
        assign(names.get(1), item[1], branch.pipeline().assigns());
      }
      Flow flow = sequence(branch.body(), item[1]);
      variables.subList(scope, variables.size()).clear();
      if (flow == Flow.BREAK) {
        break;
      }
    }
    return Flow.NEXT;
  }

  /** Keys and elements of what range goes over. */
  private static List<Object[]> items(@Nullable Object value) {
    List<Object[]> items = new ArrayList<>();
    if (value instanceof List<?> list) {
      for (Object item : list) {
        items.add(new Object[] {(long) items.size(), item});
      }
    } else if (value instanceof Map<?, ?> map) {
      TreeMap<String, Object> sorted = new TreeMap<>();
      map.forEach((key, item) -> sorted.put(String.valueOf(key), item));
      sorted.forEach((key, item) -> items.add(new Object[] {key, item}));
    } else if (value instanceof Long count) {
      for (long i = 0; i < count && i <= STEPS_MAX; i++) {
        items.add(new Object[] {i, i});
      }
    } else if (value != null) {
      throw new TemplateException("range can't iterate over " + Scalars.print(value));
    }
    return items;
  }

  private void assign(String name, @Nullable Object value, boolean existing) {
    if (existing) {
      slot(name).value = value;
    } else {
      variables.add(new Slot(name, value));
    }
  }

  private Slot slot(String name) {
    for (int i = variables.size() - 1; i >= 0; i--) {
      if (variables.get(i).name.equals(name)) {
        return variables.get(i);
      }
    }
    throw new TemplateException("undefined variable: $" + name);
  }

  private @Nullable Object pipeline(Pipeline pipeline, @Nullable Object dot) {
    Object value = NONE;
    for (Command command : pipeline.commands()) {
      value = command(command, dot, value);
    }
    if (pipeline.variables().size() == 1 && !isRangeDeclaration(pipeline)) {
      assign(pipeline.variables().get(0), value, pipeline.assigns());
    }
    return value;
  }

  /**
   * Range assigns its variables itself, element by element; assigning the whole first does no harm
   * to one.
   */
  private static boolean isRangeDeclaration(Pipeline pipeline) {
    return pipeline.variables().size() > 1;
  }

  private @Nullable Object command(Command command, @Nullable Object dot, @Nullable Object piped) {
    step();
    Operand first = command.operands().get(0);
    List<Operand> rest = command.operands().subList(1, command.operands().size());
    if (first instanceof Function function) {
      if (function.name().equals("and") || function.name().equals("or")) {
        return shortCircuit(function.name().equals("or"), rest, dot, piped);
      }
      List<@Nullable Object> arguments = new ArrayList<>();
      for (Operand operand : rest) {
        arguments.add(operand(operand, dot));
      }
      if (piped != NONE) {
        arguments.add(piped);
      }
      return call(function.name(), arguments);
    }
    List<@Nullable Object> arguments = new ArrayList<>();
    for (Operand operand : rest) {
      arguments.add(operand(operand, dot));
    }
    if (piped != NONE) {
      arguments.add(piped);
    }
    return arguments.isEmpty() ? operand(first, dot) : method(first, dot, arguments);
  }

  private @Nullable Object call(String name, List<@Nullable Object> arguments) {
    if (name.equals("tmpl")) {
      return expanded(arguments);
    }
    Object result = functions.call(name, arguments);
    return html != null && name.equals("html") ? new SafeHtml(Scalars.print(result)) : result;
  }

  /** The output of a template whose name is computed: safe, for it was escaped on its own. */
  private SafeHtml expanded(List<@Nullable Object> arguments) {
    if (arguments.size() != 2 || !(arguments.get(0) instanceof String name)) {
      throw new TemplateException("tmpl takes the name of a template and its data");
    }
    StringBuilder outer = out;
    HtmlContext outerHtml = html;
    out = new StringBuilder();
    html = new HtmlContext();
    include(name, arguments.get(1));
    SafeHtml result = new SafeHtml(out.toString());
    out = outer;
    html = outerHtml;
    return result;
  }

  private @Nullable Object shortCircuit(
      boolean any, List<Operand> operands, @Nullable Object dot, @Nullable Object piped) {
    Object value = NONE;
    for (Operand operand : operands) {
      value = operand(operand, dot);
      if (Scalars.truth(value) == any) {
        return value;
      }
    }
    if (piped != NONE) {
      return piped;
    } else if (value == NONE) {
      throw new TemplateException(
          "wrong number of args for " + (any ? "or" : "and") + ": want at least 1 got 0");
    }
    return value;
  }

  private @Nullable Object operand(Operand operand, @Nullable Object dot) {
    if (operand instanceof Constant constant) {
      return constant.value();
    } else if (operand instanceof Dot fields) {
      return fields(dot, fields.fields());
    } else if (operand instanceof Variable variable) {
      return fields(slot(variable.name()).value, variable.fields());
    } else if (operand instanceof Nested nested) {
      return fields(pipeline(nested.pipeline(), dot), nested.fields());
    }
    Function function = (Function) operand;
    return call(function.name(), List.of());
  }

  private @Nullable Object method(
      Operand operand, @Nullable Object dot, List<@Nullable Object> arguments) {
    List<String> fields = List.of();
    Object receiver = null;
    if (operand instanceof Dot path && !path.fields().isEmpty()) {
      fields = path.fields();
      receiver = fields(dot, fields.subList(0, fields.size() - 1));
    } else if (operand instanceof Variable variable && !variable.fields().isEmpty()) {
      fields = variable.fields();
      receiver = fields(slot(variable.name()).value, fields.subList(0, fields.size() - 1));
    } else if (operand instanceof Nested nested && !nested.fields().isEmpty()) {
      fields = nested.fields();
      receiver = fields(pipeline(nested.pipeline(), dot), fields.subList(0, fields.size() - 1));
    }
    if (receiver instanceof GoTime time) {
      return time.method(fields.get(fields.size() - 1), arguments);
    } else if (receiver instanceof GoDuration duration) {
      return duration.method(fields.get(fields.size() - 1), arguments);
    }
    throw new TemplateException("can't give argument to non-function " + operand);
  }

  private static @Nullable Object fields(@Nullable Object start, List<String> names) {
    Object value = start;
    for (String name : names) {
      if (value instanceof Map<?, ?> map) {
        value = map.containsKey(name) ? map.get(name) : isStringMap(map) ? "" : null;
      } else if (value instanceof TemplateSample sample) {
        value = sample.field(name);
      } else if (value instanceof GoTime time) {
        value = time.method(name, List.of());
      } else if (value instanceof GoDuration duration) {
        value = duration.method(name, List.of());
      } else {
        throw new TemplateException(
            "can't evaluate field " + name + " in type " + Scalars.typeName(value));
      }
    }
    return value;
  }

  private static boolean isStringMap(Map<?, ?> map) {
    for (Object value : map.values()) {
      if (!(value instanceof String)) {
        return false;
      }
    }
    return true;
  }
}
