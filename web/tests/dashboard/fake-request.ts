/** An XMLHttpRequest whose answer a test gives. */
export class FakeRequest extends EventTarget {
  static sent: FakeRequest[] = [];
  readonly upload = new EventTarget();
  status = 0;
  responseText = "";
  url = "";
  body: FormData | null = null;

  open(_method: string, url: string): void {
    this.url = url;
  }

  send(body: FormData): void {
    this.body = body;
    FakeRequest.sent.push(this);
  }

  abort(): void {
    this.#end("abort");
  }

  goOn(loaded: number, total: number): void {
    this.upload.dispatchEvent(Object.assign(new Event("progress"), { loaded, total }));
  }

  answer(status: number, text = ""): void {
    this.status = status;
    this.responseText = text;
    this.#end("load");
  }

  #end(type: string): void {
    this.dispatchEvent(new Event(type));
    this.dispatchEvent(new Event("loadend"));
  }
}
