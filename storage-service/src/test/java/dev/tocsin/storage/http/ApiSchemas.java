package dev.tocsin.storage.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;

/** The schemas of the OpenAPI document, to hold answers against. */
public final class ApiSchemas {
  private static final JsonObject DOCUMENT = new JsonObject(OpenApiDocument.read());

  private ApiSchemas() {}

  static JsonObject document() {
    return DOCUMENT.copy();
  }

  /** Fails unless the answer is as the document's schema of that name says. */
  public static void assertValid(String schema, JsonObject answer) {
    assertThat(DOCUMENT.getJsonObject("components").getJsonObject("schemas").getMap())
        .containsKey(schema);
    JsonObject root =
        new JsonObject()
            .put("$ref", "#/components/schemas/" + schema)
            .put("components", DOCUMENT.getJsonObject("components").copy());
    OutputUnit result =
        Validator.create(
                JsonSchema.of(root),
                new JsonSchemaOptions()
                    .setBaseUri("https://tocsin.invalid/")
                    .setDraft(Draft.DRAFT202012)
                    .setOutputFormat(OutputFormat.Basic))
            .validate(answer);
    assertThat(result.getValid())
        .as(() -> schema + ": " + result.toJson().encodePrettily() + "\n" + answer.encode())
        .isTrue();
  }
}
