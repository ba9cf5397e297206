from gateway.settings import GatewaySettings


def main() -> None:
    settings = GatewaySettings()
    if settings.workers > 1 and settings.listen_fd is None:
        from gateway import workers

        workers.supervise(host=settings.listen_host, port=settings.listen_port, count=settings.workers, log_level=settings.log_level)
    from chassis import process
    from chassis.database import Database
    from gateway.app import compose

    database = Database.from_settings(settings)
    process.run(settings, lambda: compose(settings, database), database.close)


if __name__ == "__main__":
    main()
