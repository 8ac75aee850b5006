import { z } from 'zod';

import { IdParams } from '../../contracts/common';
import { MessageList, MessageListQuery, MessageWithBody } from '../../contracts/messages';
import { findMessage, listMessages } from '../../db/crm/message-reads';
import { DomainError } from '../../domain/errors';
import { pageById } from '../page';
import { defineRoute } from '../route';

const getMessages = defineRoute({
  method: 'get',
  path: '/v1/messages',
  scope: 'messages:read',
  tag: 'messages',
  summary: 'Messages to customers by filters, without their text',
  query: MessageListQuery,
  responses: { 200: MessageList },
  handler: async ({ deps, query }) => {
    const { limit, cursor, ...filter } = query;
    const body = await pageById({ limit, cursor }, (page) => listMessages(deps.crm, filter, page));
    return { status: 200, body };
  },
});

const getMessage = defineRoute({
  method: 'get',
  path: '/v1/messages/{id}',
  scope: 'messages:read',
  tag: 'messages',
  summary: 'One message with its text',
  params: IdParams,
  responses: { 200: z.object({ message: MessageWithBody }) },
  handler: async ({ deps, params }) => {
    const message = await findMessage(deps.crm, params.id);
    if (message === null) throw new DomainError('not_found', 'There is no such message.');
    return { status: 200, body: { message } };
  },
});

export const messageRoutes = [getMessages, getMessage];
