/** The part of an Immutable.js collection that this plugin uses. */
interface Collection {
  get(key: string): unknown;
  getIn(path: readonly string[]): Collection | undefined;
  toJS(): ApiDocument;
  find(predicate: (item: Collection) => boolean): Collection | undefined;
}

/** The part of Swagger UI's system that this plugin uses. */
interface SwaggerUiSystem {
  readonly specSelectors: { specJson(): Collection };
  readonly specActions: {
    changeParamByIdentity(
      operation: readonly [path: string, method: string],
      parameter: Collection,
      value: unknown,
    ): void;
  };
}

interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly operationId?: string;
  readonly responses?: Readonly<
    Record<string, { readonly links?: Readonly<Record<string, Link>> }>
  >;
}

interface Link {
  readonly operationId?: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

type SetResponse = (
  path: string,
  method: string,
  response: { readonly status: number; readonly body?: unknown },
) => unknown;

/**
 * A plugin of Swagger UI that follows links (OpenAPI 3.1, Link Object): after each response, it fills
 * the parameters of other operations with values from the response body. The source text of this
 * function runs in the browser, so it must not refer to anything outside itself.
 */
export function followLinks() {
  const setResponse =
    (original: SetResponse, { specSelectors, specActions }: SwaggerUiSystem): SetResponse =>
    (path, method, response) => {
      const document = specSelectors.specJson();
      const { paths } = document.toJS();
      const operations = Object.entries(paths).flatMap(([path, item]) =>
        Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
      );
      const fillIn = (operationId: string | undefined, name: string, value: unknown) => {
        const target = operations.find((each) => each.operation.operationId === operationId);
        if (target === undefined || value === undefined) return;
        const at = ['paths', target.path, target.method, 'parameters'];
        const parameter = document.getIn(at)?.find((each) => each.get('name') === name);
        if (parameter === undefined) return;
        specActions.changeParamByIdentity([target.path, target.method], parameter, value);
      };
      const links = paths[path]?.[method]?.responses?.[response.status]?.links ?? {};
      for (const { operationId, parameters = {} } of Object.values(links)) {
        for (const [name, expression] of Object.entries(parameters)) {
          const member = expression.replace('$response.body#/', '');
          fillIn(operationId, name, Object(response.body)[member]);
        }
      }
      return original(path, method, response);
    };
  return { statePlugins: { spec: { wrapActions: { setResponse } } } };
}
