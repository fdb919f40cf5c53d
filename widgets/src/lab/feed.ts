import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';

import type { FrontMessage } from '../graph';
import type { ControlRequest } from './control';

/** The comm target on which a kernel tells what minichain computes. */
export const TARGET = 'minichain.live';

/** The part of a kernel connection that a feed needs. */
export type FeedKernel = Pick<
  Kernel.IKernelConnection,
  | 'statusChanged'
  | 'connectionStatusChanged'
  | 'registerCommTarget'
  | 'removeCommTarget'
  | 'requestCommInfo'
  | 'createComm'
>;

/** What a feed reports. */
export interface FeedListener {
  /** A graph is being built in the kernel: it has opened the comm, or an open one was found. */
  opened(): void;
  received(message: unknown): void;
  /** What came from the kernel is no longer true. */
  lost(reason: 'restarted' | 'gone'): void;
  /** The connection to the kernel is interrupted, or is there again after that. */
  connected(on: boolean): void;
}

/**
 * The messages of one notebook's kernel, whichever kernel that is at the time.
 * Listening costs the kernel nothing: nothing is sent to it before it has opened the comm, except
 * by `attach`, which looks for a comm that was opened before this page was loaded.
 */
export class KernelFeed implements IDisposable {
  constructor(private readonly listener: FeedListener) {}

  get isDisposed(): boolean {
    return this.disposed;
  }

  get hasKernel(): boolean {
    return this.kernel !== null;
  }

  get isOpen(): boolean {
    return this.comm !== null && !this.comm.isDisposed;
  }

  /** Follow this kernel from now on, and no other. */
  watch(kernel: FeedKernel | null): void {
    if (this.disposed || kernel === this.kernel) {
      return;
    }
    const before = this.kernel;
    this.forgetKernel();
    if (before !== null) {
      this.listener.lost('gone');
    }
    this.kernel = kernel;
    kernel?.registerCommTarget(TARGET, this.onOpen);
    kernel?.statusChanged.connect(this.onStatus);
    kernel?.connectionStatusChanged.connect(this.onConnection);
  }

  /** Take up a comm that is open already. Resolves with whether there is one. */
  async attach(): Promise<boolean> {
    const kernel = this.kernel;
    if (kernel === null || this.isOpen) {
      return this.isOpen;
    }
    const reply = await kernel.requestCommInfo({ target_name: TARGET });
    if (reply.content.status !== 'ok' || kernel !== this.kernel || this.isOpen) {
      return this.isOpen;
    }
    const found = Object.keys(reply.content.comms).pop();
    if (found === undefined) {
      return false;
    }
    this.adopt(kernel.createComm(TARGET, found));
    return true;
  }

  /** Send a message, if the kernel has opened the comm. */
  send(message: FrontMessage | ControlRequest): void {
    if (this.comm !== null && !this.comm.isDisposed) {
      this.comm.send({ ...message } as JSONObject);
    }
  }

  dispose(): void {
    if (!this.disposed) {
      this.forgetKernel();
      this.disposed = true;
    }
  }

  private forgetKernel(): void {
    this.comm = null;
    this.cut = false;
    this.kernel?.statusChanged.disconnect(this.onStatus);
    this.kernel?.connectionStatusChanged.disconnect(this.onConnection);
    this.kernel?.removeCommTarget(TARGET, this.onOpen);
    this.kernel = null;
  }

  private adopt(comm: Kernel.IComm): void {
    this.comm = comm;
    comm.onMsg = (message: KernelMessage.ICommMsgMsg): void => {
      if (comm === this.comm) {
        this.listener.received(message.content.data);
      }
    };
    comm.onClose = (): void => {
      if (comm === this.comm) {
        this.comm = null;
        this.listener.lost('gone');
      }
    };
    this.listener.opened();
  }

  private readonly onOpen = (comm: Kernel.IComm): void => {
    this.adopt(comm);
  };

  private readonly onStatus = (_: unknown, status: Kernel.Status): void => {
    if (status === 'restarting' || status === 'autorestarting' || status === 'dead') {
      this.comm = null;
      this.cut = false;
      this.listener.lost(status === 'dead' ? 'gone' : 'restarted');
    }
  };

  private readonly onConnection = (_: unknown, status: Kernel.ConnectionStatus): void => {
    const cut = status !== 'connected';
    if (this.isOpen && cut !== this.cut) {
      this.cut = cut;
      this.listener.connected(!cut);
    }
  };

  private kernel: FeedKernel | null = null;
  private comm: Kernel.IComm | null = null;
  private cut = false;
  private disposed = false;
}
