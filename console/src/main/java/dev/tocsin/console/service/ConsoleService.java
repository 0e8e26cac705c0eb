package dev.tocsin.console.service;

import dev.tocsin.common.http.ServiceHttp;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ComponentGroup;
import dev.tocsin.common.runtime.Service;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.console.proxy.ApiProxy;
import dev.tocsin.console.proxy.SocketProxy;
import dev.tocsin.console.proxy.Upstreams;
import dev.tocsin.console.status.StatusReport;
import dev.tocsin.console.web.ConsoleRoutes;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;

/** The console: its page, the status it shows, and the proxy to the services. */
public final class ConsoleService implements Service {
  static final String NAME = "console";

  private final ServiceHttp http;
  private final ConsoleConfig config;
  private final ComponentGroup group;

  private ConsoleService(ConsoleConfig config, ServiceContext context) {
    this.config = config;
    Upstreams upstreams =
        new Upstreams(
            context.vertx(), config.upstreams(), config.askTimeout(), config.proxyTimeout());
    JsonObject otlp =
        new JsonObject()
            .put("grpc", config.otlpGrpcEndpoint())
            .put("http", config.otlpHttpEndpoint());
    StatusReport status = new StatusReport(upstreams, context.clock(), config.askTimeout(), otlp);
    ApiProxy proxy = new ApiProxy(upstreams, config.proxyTimeout());
    ConsoleRoutes routes =
        new ConsoleRoutes(status::gather, proxy, new SocketProxy(context.vertx(), upstreams));
    this.http = new ServiceHttp(context, config.door(), this::group, routes::install);
    this.group = new ComponentGroup(NAME, List.of(http, upstreams));
  }

  /** The composition root: does no I/O. */
  public static ConsoleService create(ConsoleConfig config, ServiceContext context) {
    return new ConsoleService(config, context);
  }

  private ComponentGroup group() {
    return group;
  }

  /** The port listened on, also when 0 was asked for. */
  public int port() {
    return http.port();
  }

  @Override
  public Component parts() {
    return group;
  }

  @Override
  public Map<String, String> endpoints() {
    return Map.of("Console", "http://" + config.listen().host() + ":" + port());
  }
}
