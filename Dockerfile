# One image for all services; the command names the service. The jars are built outside, by
#   mvn -DskipTests package
FROM eclipse-temurin:17-jre

# A number, so that orchestrators can see that it is not root.
RUN groupadd --gid 10001 tocsin && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin tocsin

# glibc keeps an arena per thread otherwise, tens of megabytes for nothing.
ENV MALLOC_ARENA_MAX=2

# .dockerignore leaves out what only 'tocsin up' needs.
COPY app/target/lib/*.jar /opt/tocsin/lib/
COPY --chmod=755 deploy/image/ /opt/tocsin/bin/

USER 10001:10001
WORKDIR /opt/tocsin
STOPSIGNAL SIGTERM
ENTRYPOINT ["/opt/tocsin/bin/run"]
