/** Where people of the stack's own user pool sign in. */
export interface Identity {
  /** Amazon Cognito's endpoint. */
  readonly url: string;
  readonly clientId: string;
}

export interface Settings {
  /** Null where somebody else issues the tokens: then one is pasted. */
  readonly identity: Identity | null;
}

/** What the server wrote into the page about its deployment. */
export function readSettings(page: Document = document): Settings {
  const content = page.querySelector<HTMLMetaElement>('meta[name="jobmill-settings"]')?.content ?? "";
  return content === "" ? { identity: null } : (JSON.parse(content) as Settings);
}
